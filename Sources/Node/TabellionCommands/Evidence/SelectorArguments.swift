internal import ArgumentParser
package import HTTPTranscript

/// Selectors on the command line.
package enum SelectorArguments {
    /// The selectors that `texts` write.
    ///
    /// - Throws: `ValidationError`, which prints as a usage error.
    package static func parse(_ texts: [String]) throws -> [TranscriptSelector] {
        try texts.map { text in
            do {
                return try TranscriptSelector(text)
            } catch {
                throw ValidationError("selector \"\(text)\": \(error)")
            }
        }
    }
}

/// The text that a session is bound to, from a file.
package enum ContextFile {
    /// The text of the file at `path`, exactly as it is; one line break at its end is not part of it.
    ///
    /// - Throws: `CommandFailure` with `.inputUnreadable`, or `.inputMalformed` if it is too long or no UTF-8.
    package static func read(_ path: String) throws -> String {
        var bytes = try InputFile.read(path, limit: 4096)
        if bytes.last == 0x0a { bytes.removeLast() }
        if bytes.last == 0x0d { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.inputMalformed, "\(path) is not UTF-8 text")
        }
        return text
    }
}

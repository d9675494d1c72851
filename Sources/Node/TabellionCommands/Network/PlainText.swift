internal import HTTPTranscript

/// Text of others on a terminal.
enum PlainText {
    /// `text` with everything escaped that a terminal would act on.
    static func oneLine(_ text: String) -> String { TranscriptRendering.escape(text) }
}

/// Text from a peer, made safe for a log line or a terminal.
enum PrintableText {
    /// `text` with every character that is not visible ASCII or a space replaced.
    static func clean(_ text: String) -> String {
        String(text.unicodeScalars.map { (0x20..<0x7f).contains($0.value) ? Character($0) : "?" })
    }
}

/// Bounds on what the HTTP parser accepts, so that no server can make a client work or remember without end.
package struct HTTPLimits: Sendable, Hashable {
    /// The most bytes of one line of a head, its CRLF included.
    package var lineBytes: Int
    /// The most bytes of a head (start line, fields and blank line), and of all trailers.
    package var headBytes: Int
    /// The most fields of a head, and of all trailers.
    package var fieldCount: Int
    /// The most interim (1xx) responses before the final one.
    package var interimCount: Int
    /// The most bytes of a line that announces a chunk, extensions and CRLF included.
    package var chunkLineBytes: Int
    /// The most chunks of a body.
    package var chunkCount: Int
    /// The most bytes of a whole message with all of its framing.
    package var messageBytes: Int

    /// Creates limits; the defaults suit API responses of up to 16 MiB.
    package init(
        lineBytes: Int = 16 << 10,
        headBytes: Int = 64 << 10,
        fieldCount: Int = 256,
        interimCount: Int = 8,
        chunkLineBytes: Int = 256,
        chunkCount: Int = 1 << 17,
        messageBytes: Int = 16 << 20
    ) {
        self.lineBytes = lineBytes
        self.headBytes = headBytes
        self.fieldCount = fieldCount
        self.interimCount = interimCount
        self.chunkLineBytes = chunkLineBytes
        self.chunkCount = chunkCount
        self.messageBytes = messageBytes
    }
}

/// Cuts a stream into messages, each behind its length as an unsigned varint, however the bytes arrive.
///
/// Gossip, Kademlia and catching up frame their messages like this. It holds at most one message and whatever came with
/// its last bytes, if its user takes out what is whole before it appends more.
package struct MessageFrameDecoder: Sendable {
    private let frameByteCountMax: Int
    private var input = ByteQueue()

    /// A decoder at the start of a stream whose messages have at most `frameByteCountMax` bytes.
    package init(frameByteCountMax: Int) {
        self.frameByteCountMax = frameByteCountMax
    }

    /// The bytes that were not given out yet.
    package var bufferedByteCount: Int { input.count }

    /// Takes bytes that arrived.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        input.append(bytes)
    }

    /// Forgets everything.
    package mutating func clear() {
        input = ByteQueue()
    }

    /// The bytes that the next message takes with its length, or nil while even that is unknown.
    package func nextByteCount() throws(MessageFrameError) -> Int? {
        try header().map { $0.prefixByteCount + $0.byteCount }
    }

    /// The next whole message without its length, or nil when its last byte has not arrived.
    ///
    /// - Throws: ``MessageFrameError``. The stream is of no use afterwards; an oversize message is refused by its length,
    ///   before it is buffered.
    package mutating func next() throws(MessageFrameError) -> [UInt8]? {
        guard let header = try header(), input.count >= header.prefixByteCount + header.byteCount else { return nil }
        input.removeFirst(header.prefixByteCount)
        return input.take(header.byteCount)
    }

    private func header() throws(MessageFrameError) -> (prefixByteCount: Int, byteCount: Int)? {
        let prefix: (value: UInt64, byteCount: Int)?
        do { prefix = try UnsignedVarint.decode(input.bytes.prefix(UnsignedVarint.byteCountMax + 1)) } catch {
            throw .malformedLength
        }
        guard let prefix else { return nil }
        guard prefix.value <= UInt64(frameByteCountMax) else { throw .oversize(announced: prefix.value) }
        return (prefix.byteCount, Int(prefix.value))
    }
}

/// Why the messages of a stream cannot be told apart; the peer's fault.
package enum MessageFrameError: Error, Hashable, Sendable {
    /// A length that is no unsigned varint, or not its shortest form.
    case malformedLength
    /// A message announced as longer than its protocol allows.
    case oversize(announced: UInt64)
}

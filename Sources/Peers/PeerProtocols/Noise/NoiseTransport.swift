/// The secured channel after a handshake: frames of two length bytes and at most 65,535 bytes of ciphertext.
package struct NoiseTransport: Sendable {
    private var sending: NoiseCipherState
    private var receiving: NoiseCipherState

    /// The most plaintext that one frame carries.
    package static let plaintextByteCountMax = 65_535 - NoiseCipherState.tagByteCount

    /// A channel with the keys of a finished handshake.
    package init(sending: NoiseCipherState, receiving: NoiseCipherState) {
        self.sending = sending
        self.receiving = receiving
    }

    /// Appends the frames that carry `plaintext` to `output`.
    package mutating func seal(
        _ plaintext: UnsafeRawBufferPointer,
        into output: inout [UInt8]
    ) throws(NoiseError) {
        var start = 0
        while start < plaintext.count {
            let end = min(plaintext.count, start + Self.plaintextByteCountMax)
            let length = end - start + NoiseCipherState.tagByteCount
            output.append(UInt8(length >> 8))
            output.append(UInt8(length & 0xff))
            try sending.encrypt(UnsafeRawBufferPointer(rebasing: plaintext[start..<end]), into: &output)
            start = end
        }
    }

    /// Takes the next whole frame from `input` and gives its plaintext, or nil when it has not arrived in full.
    package mutating func open(_ input: inout ByteQueue) throws(NoiseError) -> [UInt8]? {
        guard input.count >= 2 else { return nil }
        let result = input.withUnsafeBytes { bytes in
            Result { () throws(NoiseError) -> (length: Int, plaintext: [UInt8])? in
                let length = Int(bytes[0]) << 8 | Int(bytes[1])
                guard length >= NoiseCipherState.tagByteCount else { throw .malformed }
                guard bytes.count >= 2 + length else { return nil }
                let message = UnsafeRawBufferPointer(rebasing: bytes[2..<2 + length])
                return (length, try receiving.decrypt(message))
            }
        }
        guard let (length, plaintext) = try result.get() else { return nil }
        input.removeFirst(2 + length)
        return plaintext
    }
}

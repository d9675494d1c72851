/// An IPv4 address.
package struct IPv4Address: Hashable, Sendable, CustomStringConvertible {
    /// The four bytes in network order.
    package let bytes: [UInt8]

    /// An address of exactly four bytes, or nil.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Parses dotted decimal without leading zeros, or gives nil.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), part.utf8.count <= 3,
                let byte = UInt8(part), String(byte) == part
            else { return nil }
            bytes.append(byte)
        }
        self.bytes = bytes
    }

    /// Dotted decimal.
    package var description: String { bytes.map(String.init).joined(separator: ".") }
}

/// An IPv6 address without a zone.
package struct IPv6Address: Hashable, Sendable, CustomStringConvertible {
    /// The sixteen bytes in network order.
    package let bytes: [UInt8]

    /// An address of exactly sixteen bytes, or nil.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Parses the text forms of RFC 4291, section 2.2, including a dotted IPv4 tail, or gives nil.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 45 else { return nil }
        let halves = Self.splitAtDoubleColon(String(text))
        guard let halves, let front = Self.groups(halves.front, allowsTail: halves.back == nil) else { return nil }
        guard let backText = halves.back else {
            guard front.count == 16 else { return nil }
            bytes = front
            return
        }
        guard let back = Self.groups(backText, allowsTail: true), front.count + back.count <= 14 else { return nil }
        bytes = front + [UInt8](repeating: 0, count: 16 - front.count - back.count) + back
    }

    /// The recommended text of RFC 5952: lower case, the first longest run of two or more zero groups shortened.
    package var description: String {
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        var longest = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start >= 2, end - start > longest.count { longest = start..<end }
            start = max(end, start + 1)
        }
        let texts = groups.map { String($0, radix: 16) }
        guard !longest.isEmpty else { return texts.joined(separator: ":") }
        return texts[..<longest.lowerBound].joined(separator: ":") + "::"
            + texts[longest.upperBound...].joined(separator: ":")
    }

    private static func splitAtDoubleColon(_ text: String) -> (front: String, back: String?)? {
        let characters = Array(text.utf8)
        let places = characters.indices.dropLast().filter { characters[$0] == 0x3a && characters[$0 + 1] == 0x3a }
        switch places.count {
        case 0: return (text, nil)
        case 1:
            return (
                String(decoding: characters[..<places[0]], as: UTF8.self),
                String(decoding: characters[(places[0] + 2)...], as: UTF8.self)
            )
        default: return nil
        }
    }

    private static func groups(_ text: String, allowsTail: Bool) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if allowsTail, index == parts.count - 1, let tail = IPv4Address(part) {
                bytes += tail.bytes
            } else {
                guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}

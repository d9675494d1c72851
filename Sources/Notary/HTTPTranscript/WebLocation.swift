/// An https URL taken apart: where to connect and what to ask for (RFC 3986, the part that notarizing needs).
package struct WebLocation: Sendable, Hashable {
    /// Why a URL cannot be used; always the caller's fault.
    package enum ParseError: Error, Sendable, Hashable, CustomStringConvertible {
        /// The scheme is not https.
        case notHTTPS
        /// A user name or password before the host, which would end up in shell history and server logs.
        case userInformation
        /// The host name is empty, too long, or not made of ASCII letters, digits, hyphens and dots.
        case invalidHost
        /// The host is an IPv6 address, or an IPv4 address in another spelling than four decimal numbers.
        case unsupportedAddress
        /// The port is not a number between 1 and 65535.
        case invalidPort
        /// The path or query contains a space, a control character or a malformed percent escape.
        case invalidTarget

        /// One sentence for people.
        package var description: String {
            switch self {
            case .notHTTPS: "only https URLs can be notarized"
            case .userInformation: "user name and password do not belong into the URL; send a header instead"
            case .invalidHost: "the host name is invalid (write international names in their xn-- form)"
            case .unsupportedAddress: "of addresses, only IPv4 ones in the form 192.0.2.1 are supported"
            case .invalidPort: "the port is not a number between 1 and 65535"
            case .invalidTarget: "the path or query contains characters that a URL must percent-encode"
            }
        }
    }

    /// The DNS name in lower case, or an IPv4 address.
    package let host: String
    /// The TCP port; 443 unless the URL names another.
    package let port: UInt16
    /// The request target: path and query, starting with `/`; never a fragment.
    package let target: String

    /// Takes `url` apart; bytes above ASCII in path and query are percent-encoded, a fragment is dropped.
    package init(_ url: String) throws(ParseError) {
        let scheme = "https://"
        let bytes = Array(url.utf8)
        guard HTTPCharacters.lowercased(bytes.prefix(scheme.utf8.count)) == scheme else { throw .notHTTPS }
        let rest = bytes.dropFirst(scheme.utf8.count)
        let authorityEnd = rest.firstIndex { $0 == 0x2f || $0 == 0x3f || $0 == 0x23 } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        guard !authority.contains(0x40) else { throw .userInformation }
        guard authority.first != 0x5b else { throw .unsupportedAddress }
        let colon = authority.firstIndex(of: 0x3a)
        host = try Self.checkedHost(authority[..<(colon ?? authority.endIndex)])
        port = try colon.map { (colon) throws(ParseError) in try Self.checkedPort(authority[(colon + 1)...]) } ?? 443
        target = try Self.checkedTarget(rest[authorityEnd...])
    }

    /// The value of the Host field: the name, and the port unless it is 443.
    package var authority: String { port == 443 ? host : "\(host):\(port)" }

    private static func checkedHost(_ bytes: ArraySlice<UInt8>) throws(ParseError) -> String {
        let name = HTTPCharacters.lowercased(bytes)
        guard (1...253).contains(bytes.count) else { throw .invalidHost }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-",
                label.utf8.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d })
            else { throw .invalidHost }
        }
        // A last label of digits only means an IPv4 address, of which only one spelling is accepted.
        if let last = labels.last, last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            guard labels.count == 4, labels.allSatisfy({ UInt8($0).map(String.init) == String($0) }) else {
                throw .unsupportedAddress
            }
        }
        return name
    }

    private static func checkedPort(_ bytes: ArraySlice<UInt8>) throws(ParseError) -> UInt16 {
        guard (1...5).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .invalidPort
        }
        let value = bytes.reduce(0) { $0 * 10 + Int($1) - 0x30 }
        guard let port = UInt16(exactly: value), port > 0 else { throw .invalidPort }
        return port
    }

    private static func checkedTarget(_ bytes: ArraySlice<UInt8>) throws(ParseError) -> String {
        let end = bytes.firstIndex(of: 0x23) ?? bytes.endIndex
        let path = bytes[..<end]
        var result: [UInt8] = path.first == 0x2f ? [] : [0x2f]
        let digits = Array("0123456789ABCDEF".utf8)
        for (index, byte) in zip(path.indices, path) {
            switch byte {
            case 0x80...:
                result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            case 0x25:
                let escape = path[(index + 1)...].prefix(2)
                guard escape.count == 2, escape.allSatisfy({ HTTPCharacters.hexadecimalValue($0) != nil }) else {
                    throw .invalidTarget
                }
                result.append(byte)
            case 0x22, 0x3c, 0x3e, 0x5c, 0x5e, 0x60:
                throw .invalidTarget
            default:
                guard HTTPCharacters.isTarget(byte) else { throw .invalidTarget }
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

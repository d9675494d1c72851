/// What can be said of the bytes that peers are counted by: an IPv4 address, or the /64 of an IPv6 address.
enum NetworkAddress {
    /// The IPv4 /16 or IPv6 /32 of an address.
    static func network(of key: [UInt8]) -> [UInt8] { Array(key.prefix(key.count / 2)) }

    /// Whether it is an address of this machine itself: 127.0.0.0/8, or the /64 of ::1.
    static func isLoopback(_ key: [UInt8]) -> Bool {
        key.count == 4 ? key.first == 127 : key.count == 8 && key.allSatisfy { $0 == 0 }
    }
}

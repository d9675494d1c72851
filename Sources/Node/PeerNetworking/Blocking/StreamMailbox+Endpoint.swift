internal import PeerProtocols

extension StreamMailbox: StreamEndpoint {
    var windowByteCountMax: Int { .max }

    // A session's thread says itself when it is done.
    var isDrained: Bool { false }

    // Its calls have time limits of their own.
    var deadline: MonotonicInstant? { nil }

    func deliver(_ bytes: [UInt8], now: MonotonicInstant) -> Bool {
        deliver(bytes)
        return false
    }

    func deliverEnd(now: MonotonicInstant) -> Bool {
        deliverEnd()
        return false
    }

    func takeRequests(now: MonotonicInstant) -> StreamRequests { takeRequests() }

    func takeOutput(max: Int, now: MonotonicInstant) -> StreamOutput { takeOutput(max: max) }

    func expire(now: MonotonicInstant) -> Bool { false }

    func drain() {}
}

/// How a node catches up, and how much it helps others to.
package struct SyncParameters: Sendable {
    // MARK: As a client

    /// Exchanges at a time, each with another peer.
    package var exchangeCountMax = 2
    /// The time between two exchanges with random peers; jittered by a quarter.
    package var interval = Duration.seconds(60)
    /// A random part of it, and twice ``settlingTime``, pass after a connection before an exchange with the peer begins.
    package var connectionDelay = Duration.seconds(2)
    /// How long an answer may take.
    package var answerTimeout = Duration.seconds(10)
    /// How long a peer that failed is left alone.
    package var failureBackoff = Duration.seconds(60)
    /// Bytes of answers after which an exchange ends and another, perhaps with another peer, goes on.
    package var exchangeByteCountMax = 64 << 20
    /// Requests after which an exchange ends likewise.
    package var exchangeRequestCountMax = 4_096
    /// Ids that are listed in an exchange, after which it ends, and the next begins at its own time.
    package var exchangeIdentifierCountMax = 65_536
    /// Ids that peers may list at once, and a second in the long run, of which each of the exchanges at a time has its
    /// part; each id takes some ten microseconds.
    package var identifierBurst = 1 << 17
    package var identifiersPerSecond = 8_192
    /// How long an exchange may take before another, perhaps with another peer, goes on.
    package var exchangeDurationMax = Duration.seconds(60)
    /// How long gossip is left to bring a record before it is asked for.
    package var settlingTime = Duration.seconds(2)

    // MARK: As a server

    /// Streams that one peer may have open.
    package var peerStreamCountMax = 2
    /// Requests of one peer at once.
    package var requestBurst = 128
    /// Requests of one peer a second in the long run.
    package var requestsPerSecond = 32
    /// Bytes that one peer is given at once.
    package var byteBurst = 16 << 20
    /// Bytes that one peer is given a second in the long run.
    package var bytesPerSecond = 4 << 20
    /// Answers to one peer beyond its requests, that it should come back later, before they are misconduct; then one a
    /// second.
    package var refusalBurst = 16
    /// Bytes that all peers together are given at once, 4 KiB for each answer included.
    package var servedByteBurst = 16 << 20
    /// Bytes that all peers together are given a second in the long run, likewise.
    package var servedBytesPerSecond = 8 << 20
    /// How long it is remembered what a peer used that left.
    package var clientMemory = Duration.seconds(300)
    /// How long a stream may be idle.
    package var idleTimeout = Duration.seconds(30)
    /// Bytes of records in a page.
    package var pageByteCountMax = 64 << 10
    /// Records in a page.
    package var pageRecordCountMax = 256

    /// The defaults.
    package init() {}

    /// Bytes of an answer: a page, and what is around it.
    var answerByteCountMax: Int { pageByteCountMax + 4_096 }

    var isValid: Bool {
        exchangeCountMax >= 1 && interval > .zero && answerTimeout > .zero && exchangeByteCountMax >= 1 << 20
            && exchangeRequestCountMax >= 1 && exchangeIdentifierCountMax >= 4_096 && exchangeDurationMax > .zero
            && identifierBurst / exchangeCountMax >= SyncResponse.identifierCountMax
            && identifiersPerSecond >= exchangeCountMax
            && peerStreamCountMax >= 1
            && requestBurst >= 1 && requestsPerSecond >= 1
            && byteBurst >= answerByteCountMax && bytesPerSecond >= 1 && refusalBurst >= 1
            && servedByteBurst >= 16 * answerByteCountMax && servedBytesPerSecond >= 1
            && (4_096...384 << 10).contains(pageByteCountMax) && (1...4_096).contains(pageRecordCountMax)
    }
}

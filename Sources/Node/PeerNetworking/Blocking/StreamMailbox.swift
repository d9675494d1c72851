internal import PeerProtocols

/// Where a thread that blocks and an event loop that must not exchange the bytes of one stream.
///
/// The thread appends to the outbox, waiting while too much is in it, and takes from the inbox, waiting while it is
/// empty. The loop does the opposite and never waits. What the thread does reaches the loop through `wake`, once for
/// any number of changes until the loop attends to them. The outbox is bounded here, the inbox by flow control.
///
/// `@unchecked Sendable`: all mutable state is touched inside `monitor` only, except `wake`, which is set before the
/// mailbox is shared.
final class StreamMailbox: @unchecked Sendable {
    /// Asks the event loop to attend to the mailbox soon.
    var wake: @Sendable () -> Void = {}
    private let monitor = Monitor()
    private let outboxByteCountMax: Int
    private let consumedReportByteCount: Int
    private var inbox = ChunkQueue()
    private var outbox = ChunkQueue()
    private var inboxEnded = false
    private var failure: StreamError?
    private var writeClosed = false
    private var requests = StreamRequests()
    private var wakeScheduled = false
    private var discardsInput = false
    private var limits = StreamTimeLimits()
    private var byteCounts = (read: 0, written: 0)

    /// A mailbox whose writer waits while more than `outboxByteCountMax` bytes wait to be sent, and whose reader
    /// reports what it took in portions of at least `consumedReportByteCount` bytes.
    init(outboxByteCountMax: Int, consumedReportByteCount: Int) {
        self.outboxByteCountMax = outboxByteCountMax
        self.consumedReportByteCount = consumedReportByteCount
    }

    // MARK: The thread's side

    var timeLimits: StreamTimeLimits {
        get { monitor.withLock { limits } }
        set {
            monitor.withLock {
                limits = newValue
                monitor.wakeAll()
            }
        }
    }

    var bytesRead: Int { monitor.withLock { byteCounts.read } }
    var bytesWritten: Int { monitor.withLock { byteCounts.written } }

    func write(_ bytes: [UInt8]) throws(StreamError) {
        guard !bytes.isEmpty else { return }
        let wakes = try monitor.withLock { () throws(StreamError) in
            let start = MonotonicInstant.now()
            while true {
                if let failure { throw failure }
                guard !writeClosed else { throw .closedLocally }
                if outbox.byteCount < outboxByteCountMax { break }
                try wait(since: start, limits.write)
            }
            byteCounts.written += bytes.count
            return append(bytes)
        }
        if wakes { wake() }
    }

    func read(max: Int) throws(StreamError) -> [UInt8] {
        guard max > 0 else { return [] }
        let (bytes, wakes) = try monitor.withLock { () throws(StreamError) -> ([UInt8], Bool) in
            let start = MonotonicInstant.now()
            while inbox.isEmpty {
                if inboxEnded { return ([], false) }
                if let failure { throw failure }
                guard !discardsInput else { throw .closedLocally }
                try wait(since: start, limits.read)
            }
            let bytes = inbox.take(max: max)
            byteCounts.read += bytes.count
            requests.consumedByteCount += bytes.count
            let reports = requests.consumedByteCount >= consumedReportByteCount
            return (bytes, reports && scheduleWake())
        }
        if wakes { wake() }
        return bytes
    }

    func closeWrite() {
        request { _ in
            guard !writeClosed, failure == nil else { return false }
            writeClosed = true
            return true
        }
    }

    func reset() {
        request { requests in
            guard failure == nil else { return false }
            failure = .closedLocally
            inbox = ChunkQueue()
            inboxEnded = false
            outbox = ChunkQueue()
            requests.resets = true
            return true
        }
    }

    /// Nobody will read or write any more: what was written still goes out, what arrives is dropped.
    func abandon() {
        request { requests in
            guard failure == nil, !discardsInput else { return false }
            discardsInput = true
            inbox = ChunkQueue()
            writeClosed = true
            requests.abandons = true
            return true
        }
    }

    private func request(_ change: (inout StreamRequests) -> Bool) {
        let wakes = monitor.withLock { () -> Bool in
            guard change(&requests) else { return false }
            monitor.wakeAll()
            return scheduleWake()
        }
        if wakes { wake() }
    }

    private func wait(since start: MonotonicInstant, _ limit: Duration?) throws(StreamError) {
        let deadline = [limit.map { start.advanced(by: $0) }, limits.deadline].compactMap(\.self).min()
        if let deadline, deadline <= .now() { throw .timedOut }
        _ = monitor.wait(until: deadline)
    }

    // MARK: The loop's side

    /// Gives the reader bytes; how many is bounded by the flow control of whoever calls.
    func deliver(_ bytes: [UInt8]) {
        monitor.withLock {
            guard failure == nil, !discardsInput else { return }
            inbox.append(bytes)
            monitor.wakeAll()
        }
    }

    /// Tells the reader that nothing follows.
    func deliverEnd() {
        monitor.withLock {
            guard failure == nil else { return }
            inboxEnded = true
            monitor.wakeAll()
        }
    }

    /// Ends the stream for reader and writer; bytes that arrived before stay readable unless they are void.
    func fail(_ error: StreamError, voidsInput: Bool) {
        monitor.withLock {
            guard failure == nil else { return }
            failure = error
            if voidsInput {
                inbox = ChunkQueue()
                inboxEnded = false
            }
            outbox = ChunkQueue()
            monitor.wakeAll()
        }
    }

    /// Sends without waiting; false if the stream is closed or more than the bound would wait.
    func offer(_ bytes: [UInt8]) -> Bool {
        let (accepted, wakes) = monitor.withLock { () -> (Bool, Bool) in
            guard failure == nil, !writeClosed, outbox.byteCount + bytes.count <= outboxByteCountMax else {
                return (false, false)
            }
            return (true, append(bytes))
        }
        if wakes { wake() }
        return accepted
    }

    /// What the thread asked for since the last call.
    func takeRequests() -> StreamRequests {
        monitor.withLock {
            wakeScheduled = false
            defer { requests = StreamRequests() }
            return requests
        }
    }

    /// Up to `max` bytes to send, and whether the write side closes after them.
    func takeOutput(max: Int) -> StreamOutput {
        monitor.withLock {
            let bytes = max > 0 ? outbox.take(max: max) : []
            if outbox.byteCount < outboxByteCountMax { monitor.wakeAll() }
            return StreamOutput(
                bytes: bytes,
                hasMore: !outbox.isEmpty,
                closes: outbox.isEmpty && writeClosed && failure == nil
            )
        }
    }

    /// The bytes that wait for the reader.
    var inboxByteCount: Int { monitor.withLock { inbox.byteCount } }

    private func append(_ bytes: [UInt8]) -> Bool {
        outbox.append(bytes)
        return scheduleWake()
    }

    private func scheduleWake() -> Bool {
        guard !wakeScheduled else { return false }
        wakeScheduled = true
        return true
    }
}

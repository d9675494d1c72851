extension YamuxSession {
    /// Opens a stream; the peer learns of it with its first frame.
    ///
    /// - Throws: `.tooManyStreams`, or `.goingAway` after the peer said so.
    package mutating func openStream() throws(YamuxError) -> YamuxStreamID {
        guard !peerIsGoingAway else { throw .goingAway }
        guard streams.count - inboundCount < configuration.outboundStreamCountMax, nextStreamID < UInt32.max - 2 else {
            throw .tooManyStreams
        }
        let id = YamuxStreamID(rawValue: nextStreamID)
        nextStreamID += 2
        streams[id] = YamuxStreamState(pendingFlags: .syn)
        return id
    }

    /// The bytes that ``send(_:on:)`` takes on this stream now; 0 for a stream that is closed or gone.
    package func sendWindow(of id: YamuxStreamID) -> Int {
        guard let stream = streams[id], !stream.sendClosed else { return 0 }
        return stream.sendWindow
    }

    /// Whether the stream exists.
    package func isOpen(_ id: YamuxStreamID) -> Bool { streams[id] != nil }

    /// Sends bytes; at most ``sendWindow(of:)``, which is the caller's to respect.
    package mutating func send(_ bytes: ArraySlice<UInt8>, on id: YamuxStreamID) {
        guard var stream = streams[id], !stream.sendClosed else { return }
        precondition(bytes.count <= stream.sendWindow, "a writer respects the send window")
        stream.sendWindow -= bytes.count
        var rest = bytes
        output.reserveCapacity(output.count + bytes.count + YamuxHeader.byteCount)
        while !rest.isEmpty {
            let chunk = rest.prefix(YamuxConfiguration.dataFrameByteCountMax)
            rest = rest.dropFirst(chunk.count)
            let flags = stream.pendingFlags
            YamuxHeader(.data, flags, stream: id.rawValue, length: UInt32(chunk.count)).write(into: &output)
            output.append(contentsOf: chunk)
            stream.pendingFlags = []
        }
        streams[id] = stream
    }

    /// Accounts for `count` bytes that the stream's reader took, and widens the window when that is due.
    ///
    /// - Parameter windowByteCountMax: What this stream's window may grow to; the configuration's limit holds, too.
    package mutating func consume(
        _ count: Int,
        on id: YamuxStreamID,
        now: MonotonicInstant,
        windowByteCountMax: Int = .max
    ) {
        guard var stream = streams[id] else { return }
        let sizeBefore = stream.receiveWindow.byteCount
        let growthLeft = configuration.receiveWindowGrowthByteCountMax - grownByteCount
        let increment = stream.receiveWindow.consume(
            min(count, stream.receiveWindow.unreadByteCount),
            now: now,
            roundTrip: roundTripNanoseconds,
            sizeMax: min(configuration.receiveWindowByteCountMax, windowByteCountMax, sizeBefore + growthLeft)
        )
        grownByteCount += stream.receiveWindow.byteCount - sizeBefore
        if let increment, !stream.receiveClosed {
            write(YamuxHeader(.windowUpdate, stream.pendingFlags, stream: id.rawValue, length: increment))
            stream.pendingFlags = []
        }
        streams[id] = stream
    }

    /// Says that this side sends no more on the stream.
    package mutating func closeWrite(_ id: YamuxStreamID) {
        guard var stream = streams[id], !stream.sendClosed else { return }
        stream.sendClosed = true
        write(YamuxHeader(.windowUpdate, stream.pendingFlags.union(.fin), stream: id.rawValue, length: 0))
        stream.pendingFlags = []
        streams[id] = stream
        removeIfFinished(id)
    }

    /// Ends both directions at once; the stream is gone.
    package mutating func reset(_ id: YamuxStreamID) {
        guard let stream = streams[id] else { return }
        write(YamuxHeader(.windowUpdate, stream.pendingFlags.union(.rst), stream: id.rawValue, length: 0))
        if !stream.receiveClosed { addDiscardable(stream.receiveWindow.credit) }
        remove(id)
    }

    /// Forgets a stream whose two directions are closed.
    mutating func removeIfFinished(_ id: YamuxStreamID) {
        guard let stream = streams[id], stream.sendClosed, stream.receiveClosed else { return }
        remove(id)
    }

    /// Forgets a stream and gives back what its window had grown by.
    mutating func remove(_ id: YamuxStreamID) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        grownByteCount -= stream.receiveWindow.byteCount - YamuxConfiguration.initialWindowByteCount
        let isPeers = (id.rawValue % 2 == 0) == (role == .dialer)
        if isPeers { inboundCount -= 1 }
    }

    /// Allows the peer's data in flight on a stream that is gone to be dropped.
    mutating func addDiscardable(_ count: Int) {
        discardableByteCount = min(discardableByteCount + count, 1 << 30)
    }
}

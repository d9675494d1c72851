extension YamuxSession {
    /// Handles the header of a data frame and says what to do with the payload: hand it to a stream, or drop it.
    mutating func receiveData(
        _ header: YamuxHeader
    ) throws(YamuxError) -> (id: YamuxStreamID?, count: Int, finishes: Bool)? {
        let id = try acceptFlags(of: header)
        let count = Int(header.length)
        let finishes = header.flags.contains(.fin)
        guard let id, var stream = streams[id] else {
            // In flight while this side reset the stream, or refused it: dropped, up to the window it had.
            guard count <= discardableByteCount else { throw .unknownStream(header.streamID) }
            discardableByteCount -= count
            return count > 0 ? (nil, count, false) : nil
        }
        if count > 0 {
            guard !stream.receiveClosed else { throw .dataAfterClose(id.rawValue) }
            let window = stream.receiveWindow.credit
            guard stream.receiveWindow.receive(count) else {
                throw .receiveWindowExceeded(stream: id.rawValue, window: window, received: count)
            }
            streams[id] = stream
        }
        if header.flags.contains(.rst) {
            receiveReset(id)
            return count > 0 ? (nil, count, false) : nil
        }
        guard count > 0 else {
            if finishes { receiveFinish(id) }
            return nil
        }
        return (id, count, finishes)
    }

    /// Handles a window update: the increment, and the flags that open, acknowledge, close or reset a stream.
    mutating func receiveWindowUpdate(_ header: YamuxHeader) throws(YamuxError) {
        guard let id = try acceptFlags(of: header), streams[id] != nil else { return }
        if header.length > 0 {
            let window = (streams[id]?.sendWindow ?? 0) + Int(header.length)
            guard window <= Int(UInt32.max) else { throw .sendWindowOverflow(stream: id.rawValue) }
            streams[id]?.sendWindow = window
            events.append(.windowGrew(id))
        }
        if header.flags.contains(.rst) {
            receiveReset(id)
        } else if header.flags.contains(.fin) {
            receiveFinish(id)
        }
    }

    /// The peer sends no more on this stream.
    mutating func receiveFinish(_ id: YamuxStreamID) {
        guard let stream = streams[id], !stream.receiveClosed else { return }
        streams[id]?.receiveClosed = true
        events.append(.receiveClosed(id))
        removeIfFinished(id)
    }

    /// Opens a stream when the header asks for it, and gives the open stream that the header is about, if any.
    private mutating func acceptFlags(of header: YamuxHeader) throws(YamuxError) -> YamuxStreamID? {
        let id = YamuxStreamID(rawValue: header.streamID)
        guard header.streamID != 0 else { throw .invalidStreamID(0) }
        let isPeers = (header.streamID % 2 == 0) == (role == .dialer)
        guard header.flags.contains(.syn) else {
            let known = isPeers ? header.streamID <= highestPeerStreamID : header.streamID < nextStreamID
            guard known else { throw .unknownStream(header.streamID) }
            return streams[id] == nil ? nil : id
        }
        guard isPeers else { throw .invalidStreamID(header.streamID) }
        guard streams[id] == nil else { throw .streamIDInUse(header.streamID) }
        highestPeerStreamID = max(highestPeerStreamID, header.streamID)
        guard inboundCount < configuration.inboundStreamCountMax else {
            try writeControl(YamuxHeader(.windowUpdate, .rst, stream: header.streamID, length: 0))
            addDiscardable(YamuxConfiguration.initialWindowByteCount)
            return nil
        }
        inboundCount += 1
        streams[id] = YamuxStreamState(pendingFlags: .ack)
        events.append(.opened(id))
        return id
    }

    private mutating func receiveReset(_ id: YamuxStreamID) {
        remove(id)
        events.append(.reset(id))
    }
}

import PeerProtocols

/// The first byte says whether the peer is hostile, and the role; the rest is a script.
enum YamuxFuzz {
    static func run(_ bytes: [UInt8]) throws {
        var script = FuzzScript(bytes)
        let kind = script.byte()
        if kind & 2 == 0 {
            var attack = YamuxAttack(role: kind & 1 == 0 ? .listener : .dialer)
            try attack.run(&script)
        } else {
            var pair = YamuxPair(isNarrow: kind & 1 == 1)
            try pair.run(&script)
        }
    }

    static func seeds() -> [[UInt8]] {
        // Frame: kind, flags, stream, length; see YamuxAttack.
        let open: [UInt8] = [0, 1, 1, 1, 0, 0]
        let data: [UInt8] = [0, 0, 0, 1, 1, 0]
        return [
            FuzzScriptWriter.joined([0], open, data, [3, 0, 200], [4, 0, 0, 100], [5, 0], [7]),
            FuzzScriptWriter.joined([0], open, [0, 0, 4, 1, 0, 40], [5, 0], [7]),
            FuzzScriptWriter.joined(
                [0],
                open,
                Array([[UInt8]](repeating: [0, 0, 0, 1, 0xff, 0xff], count: 5).joined())
            ),
            FuzzScriptWriter.joined([0], open, data, data, [6, 0], data, [7]),
            FuzzScriptWriter.joined([1], [2], [0, 1, 2, 1, 16, 0], [3, 0, 250], [7], [0, 0, 4, 1, 0, 9]),
            FuzzScriptWriter.joined(
                [0],
                open,
                [0, 0, 0, 1, 0xff, 0xff],
                [0, 0, 0, 1, 0xff, 0xff],
                [4, 0, 0xff, 0xff],
                [8],
                [9, 200]
            ),
            FuzzScriptWriter.joined(
                [0],
                (0..<30).flatMap { (number: UInt8) -> [UInt8] in [0, 1, 1, 2 * number + 1, 0, 0] }
            ),
            FuzzScriptWriter.joined(
                [0],
                open,
                [1, 0, 12, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9],
                [6, 0],
                [1, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9]
            ),
            FuzzScriptWriter.joined([1, 8, 9, 10, 0, 2, 2, 0, 0, 1], [0, 2, 1, 0, 0, 1], [0, 3, 0, 0, 0, 0], [7]),
            FuzzScriptWriter.joined([2], [0, 1, 0, 3, 0, 200, 6, 0xff, 4, 0, 0xff, 5, 0, 6, 0xff]),
            FuzzScriptWriter.joined(
                [3],
                (0..<12).flatMap { (number: UInt8) -> [UInt8] in [number % 2, number % 7, number, 0xff] }
            ),
        ]
    }
}

/// One session, twice: one copy gets what the peer sends at once, the other in portions.
struct YamuxAttack {
    private let role: ConnectionRole
    private let configuration: YamuxConfiguration
    private var whole: YamuxSession
    private var cut: YamuxSession
    private var now = FuzzIdentities.start
    private var streams: [YamuxStreamID] = []
    private var open: Set<YamuxStreamID> = []
    private var unread: [YamuxStreamID: Int] = [:]
    /// Bytes that this side's own deeds may have put out since output was taken.
    private var outputAllowance = 0
    private var inputLeft = 4 << 20

    init(role: ConnectionRole) {
        self.role = role
        var configuration = YamuxConfiguration()
        configuration.inboundStreamCountMax = 8
        configuration.outboundStreamCountMax = 8
        configuration.receiveWindowByteCountMax = 1 << 20
        configuration.receiveWindowGrowthByteCountMax = 1 << 20
        configuration.controlByteCountMax = 600
        self.configuration = configuration
        whole = YamuxSession(role: role, configuration: configuration)
        cut = whole
    }

    mutating func run(_ script: inout FuzzScript) throws {
        while !script.isEmpty {
            now = now.advanced(by: .microseconds(10))
            switch script.choice(11) {
            case 0: guard try receive(Self.frame(&script)) else { return }
            case 1: guard try receive(script.block()) else { return }
            case 2:
                let id = try? whole.openStream()
                try requireEqual(try? cut.openStream(), id, "opening")
                if let id { note(id) }
            case 3: try send(&script)
            case 4: consume(&script)
            case 5: act(&script) { $0.closeWrite($1) }
            case 6: act(&script) { $0.reset($1) }
            case 7: try takeOutput()
            case 8:
                whole.ping(now: now)
                cut.ping(now: now)
                outputAllowance += 12
            case 9: now = now.advanced(by: .milliseconds(Int64(script.byte())))
            default:
                whole.goAway(.normal)
                cut.goAway(.normal)
                outputAllowance += 12
            }
            open = open.filter { whole.isOpen($0) }
        }
        try takeOutput()
    }

    /// A frame with few of the possible streams and all of the possible lengths.
    static func frame(_ script: inout FuzzScript) -> [UInt8] {
        let kind = script.byte()
        let flags = script.byte()
        let stream = script.byte()
        let size = script.word()
        // Data of up to 64 KiB, increments of up to 2^32.
        let length = kind % 8 == 1 ? UInt32(size) << (kind >> 4) : UInt32(size)
        var frame: [UInt8] = [0, kind % 8, 0, flags, 0, 0, 0, stream]
        for shift in [UInt32(24), 16, 8, 0] { frame.append(UInt8(truncatingIfNeeded: length >> shift)) }
        if kind % 8 == 0 { frame += [UInt8](repeating: size.bigEndian == 0 ? 0 : UInt8(size & 0xff), count: Int(size)) }
        return frame
    }

    /// The peer sends; false when the session ended.
    private mutating func receive(_ bytes: [UInt8]) throws -> Bool {
        guard bytes.count <= inputLeft else { return true }
        inputLeft -= bytes.count
        var failure: YamuxError?
        do { try whole.receive(bytes, now: now) } catch { failure = error }
        var otherFailure: YamuxError?
        let chunks = bytes.count > 300 ? [Array(bytes[..<7]), Array(bytes[7...])] : Chunking.uneven.cut(bytes)
        do throws(YamuxError) {
            for chunk in chunks { try cut.receive(chunk, now: now) }
        } catch {
            otherFailure = error
        }
        try requireEqual(otherFailure, failure, "what ends a session that hears portions")
        let events = Self.merged(&whole)
        try requireEqual(Self.merged(&cut), events, "what a session reports that hears portions")
        for event in events { try account(for: event) }
        guard failure == nil else {
            try takeOutput()
            return false
        }
        try require(whole.streamCount <= 16, "more streams than allowed")
        let most = 16 * (256 << 10) + configuration.receiveWindowGrowthByteCountMax
        try require(unread.values.reduce(0, +) <= most, "more unread bytes than all windows")
        return true
    }

    private mutating func account(for event: YamuxSession.Event) throws {
        switch event {
        case .opened(let id):
            try require(!open.contains(id), "\(id) opened twice")
            note(id)
        case .data(let id, let bytes):
            try require(open.contains(id), "data of \(id), which is not open")
            unread[id, default: 0] += bytes.count
            // Windows grow by the link's round trip, so not before it is known.
            let window = whole.roundTripSampleCount == 0 ? 256 << 10 : configuration.receiveWindowByteCountMax
            try require(unread[id] ?? 0 <= window, "\(id) has more than its window")
        case .windowGrew(let id), .receiveClosed(let id):
            try require(open.contains(id), "news of \(id), which is not open")
        case .reset(let id):
            try require(open.remove(id) != nil, "the end of \(id), which is not open")
            unread[id] = nil
        case .roundTrip, .goAway: break
        }
    }

    private mutating func note(_ id: YamuxStreamID) {
        open.insert(id)
        unread[id] = nil
        if !streams.contains(id) { streams.append(id) }
    }

    private mutating func act(_ script: inout FuzzScript, _ body: (inout YamuxSession, YamuxStreamID) -> Void) {
        guard !streams.isEmpty else { return }
        let id = streams[script.choice(streams.count)]
        body(&whole, id)
        body(&cut, id)
        outputAllowance += 12
        if !whole.isOpen(id) { unread[id] = nil }
    }

    private mutating func send(_ script: inout FuzzScript) throws {
        guard !streams.isEmpty else { return }
        let id = streams[script.choice(streams.count)]
        try requireEqual(cut.sendWindow(of: id), whole.sendWindow(of: id), "the window to send")
        let count = min(whole.sendWindow(of: id), Int(script.byte()) << 4)
        let bytes = [UInt8](repeating: 0x5a, count: count)
        whole.send(bytes[...], on: id)
        cut.send(bytes[...], on: id)
        outputAllowance += count + 12
    }

    private mutating func consume(_ script: inout FuzzScript) {
        guard !streams.isEmpty else { return }
        let id = streams[script.choice(streams.count)]
        let count = min(unread[id] ?? 0, Int(script.word()) << 2)
        whole.consume(count, on: id, now: now)
        cut.consume(count, on: id, now: now)
        unread[id, default: 0] -= count
        outputAllowance += 12
    }

    private mutating func takeOutput() throws {
        let output = whole.takeOutput()
        try requireEqual(cut.takeOutput(), output, "what a session says that hears portions")
        try require(output.count <= outputAllowance + configuration.controlByteCountMax, "a peer elicits much")
        outputAllowance = 0
        // Whole frames, each well formed.
        var rest = output[...]
        while !rest.isEmpty {
            try require(rest.count >= 12 && rest[rest.startIndex] == 0, "half a frame")
            let kind = rest[rest.startIndex + 1]
            let length = rest.dropFirst(8).prefix(4).reduce(0) { $0 << 8 | Int($1) }
            try require(kind <= 3, "a frame of no kind")
            rest = rest.dropFirst(12)
            guard kind == 0 else { continue }
            try require(length <= rest.count && length <= YamuxConfiguration.dataFrameByteCountMax, "a long frame")
            rest = rest.dropFirst(length)
        }
    }

    /// The events of a session, with data of a stream in one piece.
    private static func merged(_ session: inout YamuxSession) -> [YamuxSession.Event] {
        var events: [YamuxSession.Event] = []
        while let event = session.nextEvent() {
            if case .data(let id, let bytes) = event, case .data(id, let before)? = events.last {
                events[events.count - 1] = .data(id, before + bytes)
            } else {
                events.append(event)
            }
        }
        return events
    }
}

/// Two honest sessions with a slow wire between them: neither may ever blame the other, and data arrives as it was sent.
struct YamuxPair {
    private struct End {
        var session: YamuxSession
        /// Bytes on their way to this end.
        var wire: [UInt8] = []
        var open: [YamuxStreamID] = []
        var unread: [YamuxStreamID: Int] = [:]
        var received: [YamuxStreamID: Int] = [:]
        var sent: [YamuxStreamID: Int] = [:]
    }

    private var ends: [End]
    private var now = FuzzIdentities.start

    init(isNarrow: Bool) {
        var configuration = YamuxConfiguration()
        if isNarrow {
            configuration.inboundStreamCountMax = 3
            configuration.receiveWindowGrowthByteCountMax = 300 << 10
        }
        ends = [ConnectionRole.dialer, .listener].map {
            End(session: YamuxSession(role: $0, configuration: configuration))
        }
    }

    mutating func run(_ script: inout FuzzScript) throws {
        while !script.isEmpty {
            now = now.advanced(by: .microseconds(100))
            let side = script.choice(2)
            let deed = script.choice(8)
            let place = script.choice(max(ends[side].open.count, 1))
            let id = ends[side].open.indices.contains(place) ? ends[side].open[place] : nil
            let amount = Int(script.byte())
            switch (deed, id) {
            case (0, _): if let id = try? ends[side].session.openStream() { begin(id, side) }
            case (1, let id?), (2, let id?): send(min(amount << 9, ends[side].session.sendWindow(of: id)), id, side)
            case (3, let id?):
                let count = min(amount << 10, ends[side].unread[id] ?? 0)
                ends[side].session.consume(count, on: id, now: now)
                ends[side].unread[id, default: 0] -= count
            case (4, let id?): ends[side].session.closeWrite(id)
            case (5, let id?):
                ends[side].session.reset(id)
                forget(id, side)
            case (7, _): ends[side].session.ping(now: now)
            default: try deliver(to: side, amount == 255 ? .max : amount << 8)
            }
            for side in 0..<2 {
                let output = ends[side].session.takeOutput()
                ends[1 - side].wire += output
            }
        }
        while !ends[0].wire.isEmpty || !ends[1].wire.isEmpty {
            for side in 0..<2 {
                try deliver(to: side, .max)
                let output = ends[side].session.takeOutput()
                ends[1 - side].wire += output
            }
        }
    }

    /// The byte at a place of a stream.
    private static func byte(_ place: Int) -> UInt8 { UInt8(truncatingIfNeeded: place &* 31 ^ place >> 8) }

    private mutating func begin(_ id: YamuxStreamID, _ side: Int) {
        ends[side].open.append(id)
        ends[side].unread[id] = 0
        ends[side].received[id] = 0
        ends[side].sent[id] = 0
    }

    private mutating func forget(_ id: YamuxStreamID, _ side: Int) {
        ends[side].open.removeAll { $0 == id }
        ends[side].unread[id] = nil
    }

    private mutating func send(_ count: Int, _ id: YamuxStreamID, _ side: Int) {
        let start = ends[side].sent[id] ?? 0
        ends[side].session.send((start..<start + count).map(Self.byte)[...], on: id)
        ends[side].sent[id] = start + count
    }

    private mutating func deliver(to side: Int, _ most: Int) throws {
        let bytes = Array(ends[side].wire.prefix(most))
        ends[side].wire.removeFirst(bytes.count)
        do { try ends[side].session.receive(bytes, now: now) } catch {
            throw FuzzFailure("an honest session is blamed: \(error)")
        }
        while let event = ends[side].session.nextEvent() {
            switch event {
            case .opened(let id): begin(id, side)
            case .data(let id, let data):
                guard ends[side].open.contains(id) else { continue }
                let start = ends[side].received[id] ?? 0
                let isRight = data.enumerated().allSatisfy { $0.element == Self.byte(start + $0.offset) }
                try require(isRight, "data of \(id) arrives changed")
                ends[side].received[id] = start + data.count
                ends[side].unread[id, default: 0] += data.count
                try require(start + data.count <= ends[1 - side].sent[id] ?? 0, "more arrives than was sent")
            case .reset(let id): forget(id, side)
            case .receiveClosed(let id):
                guard ends[side].open.contains(id) else { continue }
                try requireEqual(ends[side].received[id], ends[1 - side].sent[id], "all data comes before the end")
            case .windowGrew, .roundTrip: break
            case .goAway: throw FuzzFailure("nobody went away")
            }
        }
        let session = ends[side].session
        ends[side].open.removeAll { !session.isOpen($0) }
    }
}

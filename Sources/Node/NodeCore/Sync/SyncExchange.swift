internal import Attestations
internal import PeerProtocols
internal import WireFormat

/// One conversation in which this node learns what a peer has and it has not: questions out, answers in.
///
/// It compares days, then the hours of those that differ, then minutes, and asks for what a minute lacks. It knows what
/// is left to ask; what this node has it is told. It ends, whatever the peer answers: each question narrows a range
/// that was asked about before, places only go forward, and requests, bytes and time are limited.
struct SyncExchange: Sendable {
    let peer: PeerID
    /// Which of the places for exchanges it has.
    let place: Int
    let startedAt: MonotonicInstant
    /// When the answer, or the stream, has to be there; nil while this node is at work.
    var deadline: MonotonicInstant?
    private(set) var requestCount = 0
    private(set) var byteCount = 0
    /// Ids that were listed, each of which takes some ten microseconds to add up.
    private(set) var identifierCount = 0
    var recordCount = 0
    /// Records that were taken in, safe or not yet.
    var admittedCount = 0
    /// Ids that were allowed for the list that is asked for.
    var reservedIdentifierCount = 0
    /// When to ask on, if that has to wait.
    private(set) var resumesAt: MonotonicInstant?
    /// Minutes of which all was looked at, and something was of no use, with the digests of what was looked at.
    private(set) var explored: [(minute: UInt64, digest: SetDigest)] = []
    /// Whether something could not be looked at, so that nothing that this peer has counts as explored.
    private var isObscure = false
    private var work: [Work] = []
    private var current: Work?
    /// Where the records go on after those of this answer.
    private var nextPosition: SyncPosition?

    /// Something to ask.
    enum Work: Sendable {
        /// What spans hold.
        case compare(DigestLevel, Range<UInt64>)
        /// The ids in a range, or its records: one page after the other.
        case walk(Walk)
        /// Records by their ids, which the peer listed.
        case select(Set<AttestationID>, Claim?)
        /// What spans hold, once more, because it was not what the peer had said before.
        case confirm(Claim)
        /// Nothing: all records of a list were looked at.
        case note(minute: UInt64, digest: SetDigest)
    }

    /// What a peer said that it has of some spans.
    struct Claim: Sendable {
        let level: DigestLevel
        /// The spans that were not said yet when it is asked again.
        var spans: Range<UInt64>
        let digest: SetDigest
        /// What it says when it is asked again.
        var again = SetDigest()

        init(_ level: DigestLevel, _ spans: Range<UInt64>, _ digest: SetDigest) {
            self.level = level
            self.spans = spans
            self.digest = digest
        }
    }

    /// Going through a range of records, whose contents the peer announced.
    struct Walk: Sendable {
        var position: SyncPosition
        let end: UInt64
        let listsOnly: Bool
        /// What the peer said that it has; nil if that may change still.
        var claimed: Claim?
        /// What it showed in minutes that are over, or listed.
        var found = SetDigest()
        /// The minute that the last record was of.
        var minute: UInt64 = 0
        var minuteDigest = SetDigest()
        /// Whether a record of that minute was of no use.
        var isMinuteOfNoUse = false

        /// A record came: in another minute than the last one, or in the same.
        mutating func count(_ position: SyncPosition) -> (minute: UInt64, digest: SetDigest)? {
            let next = DigestLevel.minute.index(of: position.time)
            let ended = next == minute ? nil : endMinute()
            minute = next
            minuteDigest.insert(position.id, byteCount: 0)
            self.position = position.next ?? position
            return ended
        }

        /// The minute, if something in it was of no use; a new one begins.
        mutating func endMinute() -> (minute: UInt64, digest: SetDigest)? {
            defer {
                found.add([minuteDigest])
                minuteDigest = SetDigest()
                isMinuteOfNoUse = false
            }
            return isMinuteOfNoUse ? (minute, minuteDigest) : nil
        }
    }

    /// Minutes that are noted in one exchange.
    private static let exploredCountMax = 4_096

    /// What an answer says.
    enum Content {
        /// All spans of a level within a range that are not empty, to be compared with what is here.
        case spans(DigestLevel, Range<UInt64>, [SyncSpan])
        /// Ids, of which those that are not here may be asked for.
        case identifiers([SyncPosition], Claim?)
        /// Records; call ``expects(_:)`` for each.
        case records([[UInt8]])
        /// What the peer announced before changed since, as by pruning.
        case changed
        /// More ids than a list can have become longer by since it was announced.
        case excessive
        /// Nothing now.
        case refused(retryMilliseconds: UInt32)
        /// No honest peer answers so.
        case violation(Misconduct)
    }

    /// Begins with the days from `floor` to `end`, both in Unix milliseconds.
    init(peer: PeerID, place: Int, floor: UInt64, end: UInt64, now: MonotonicInstant) {
        self.peer = peer
        self.place = place
        startedAt = now
        let first = DigestLevel.day.index(of: floor)
        // With a clock that went back, nothing that is kept is in the past.
        compare(.day, first..<max(first, DigestLevel.day.index(of: end) + 1))
    }

    /// Takes the question back that ``nextRequest()`` gave, to be asked later.
    mutating func wait(until moment: MonotonicInstant) {
        if let current { work.append(current) }
        current = nil
        requestCount -= 1
        deadline = nil
        resumesAt = moment
    }

    /// The next question; nil when there is none left.
    mutating func nextRequest() -> SyncRequest? {
        resumesAt = nil
        while let next = work.popLast() {
            guard let request = request(for: next) else { continue }
            current = next
            requestCount += 1
            return request
        }
        return nil
    }

    private mutating func request(for work: Work) -> SyncRequest? {
        switch work {
        case .compare(let level, let range):
            return .digests(level, first: range.lowerBound, count: UInt32(range.count))
        case .confirm(let claim):
            return .digests(claim.level, first: claim.spans.lowerBound, count: UInt32(claim.spans.count))
        case .walk(let walk):
            return walk.listsOnly
                ? .identifiers(from: walk.position, before: walk.end) : .records(from: walk.position, before: walk.end)
        case .select(let ids, _):
            return .selection(ids.sorted { $0.value.bytes.lexicographicallyPrecedes($1.value.bytes) })
        case .note(let minute, let digest):
            note((minute, digest))
            return nil
        }
    }

    /// An answer arrived.
    mutating func receive(_ frame: [UInt8], frameByteCountMax: Int) -> Content {
        byteCount += frame.count
        deadline = nil
        guard let response = try? SyncResponse(wireBytes: frame, limit: frameByteCountMax) else {
            return .violation(.malformedFrame)
        }
        switch (current, response) {
        case (nil, _): return .violation(.malformedFrame)
        case (_, .refused(_, let milliseconds)):
            if let current { work.append(current) }
            current = nil
            return .refused(retryMilliseconds: milliseconds)
        case (.compare(let level, let range), .digests(let spans, let next)):
            return receive(spans, next, of: level, range)
        case (.confirm(let claim), .digests(let spans, let next)):
            return receive(spans, next, claim)
        case (.walk(let walk), .identifiers(let positions, let next)) where walk.listsOnly:
            return receive(positions, next, walk)
        case (.walk(let walk), .records(let records, let next)) where !walk.listsOnly:
            guard next.map({ $0 > walk.position && $0.time < walk.end }) ?? true else {
                return .violation(.malformedFrame)
            }
            nextPosition = next
            return .records(records)
        case (.select(let ids, _), .records(let records, nil)) where records.count <= ids.count:
            return .records(records)
        default: return .violation(.malformedFrame)
        }
    }

    private mutating func receive(
        _ spans: [SyncSpan],
        _ next: UInt64?,
        of level: DigestLevel,
        _ range: Range<UInt64>
    ) -> Content {
        guard spans.allSatisfy({ range.contains($0.index) }) else { return .violation(.malformedFrame) }
        if let next {
            guard range.contains(next) else { return .violation(.malformedFrame) }
            work.append(.compare(level, next..<range.upperBound))
        }
        return .spans(level, range.lowerBound..<(next ?? range.upperBound), spans)
    }

    /// A peer that had less than it announced, or something else, is honest if it says so when it is asked again.
    private mutating func receive(_ spans: [SyncSpan], _ next: UInt64?, _ claim: Claim) -> Content {
        guard spans.allSatisfy({ claim.spans.contains($0.index) }) else { return .violation(.malformedFrame) }
        var claim = claim
        claim.again.add(spans.map(\.digest))
        if let next {
            guard claim.spans.contains(next) else { return .violation(.malformedFrame) }
            claim.spans = next..<claim.spans.upperBound
            work.append(.confirm(claim))
            return .changed
        }
        return claim.again.matches(claim.digest) ? .violation(.falseDigest) : .changed
    }

    private mutating func receive(_ positions: [SyncPosition], _ next: SyncPosition?, _ walk: Walk) -> Content {
        guard positions.allSatisfy({ $0 >= walk.position && $0.time < walk.end }) else {
            return .violation(.malformedFrame)
        }
        identifierCount += positions.count
        var rest = walk
        rest.found.insert(contentsOf: positions.map(\.id))
        // An honest peer may learn of records meanwhile, but not of many times as many.
        let pageMax = UInt64(SyncResponse.identifierCountMax)
        if let claimed = walk.claimed, rest.found.count / 2 > claimed.digest.count + pageMax { return .excessive }
        if let next {
            guard next.time < walk.end else { return .violation(.malformedFrame) }
            rest.position = next
            work.append(.walk(rest))
        } else if let claimed = walk.claimed {
            if rest.found.keeps(claimed.digest) {
                // What is asked for by the ids of the list comes first.
                work.append(.note(minute: DigestLevel.minute.index(of: walk.end - 1), digest: rest.found))
            } else {
                work.append(.confirm(claimed))
            }
        }
        return .identifiers(positions, walk.claimed)
    }

    /// Whether a record is one that was asked for, and in its place; every record of an answer, in order.
    mutating func expects(_ position: SyncPosition) -> Bool {
        switch current {
        case .walk(var walk):
            guard position >= walk.position, position.time < walk.end else { return false }
            note(walk.count(position))
            current = .walk(walk)
            // What is left begins behind all that came.
            return nextPosition.map { position < $0 } ?? true
        case .select(var ids, let claim):
            guard ids.remove(position.id) != nil else { return false }
            current = .select(ids, claim)
            return true
        case .compare, .confirm, .note, nil: return false
        }
    }

    /// The record that was expected last is not taken in, and will not be later.
    mutating func refuse() {
        guard case .walk(var walk) = current else { return }
        walk.isMinuteOfNoUse = true
        current = .walk(walk)
    }

    private mutating func note(_ minute: (minute: UInt64, digest: SetDigest)?) {
        guard let minute, !isObscure, explored.count < Self.exploredCountMax else { return }
        explored.append(minute)
    }

    /// A record of the answer cannot even be looked at here, so that what was announced cannot be checked.
    ///
    /// It may stand for one that was asked for and is good, so nothing of this exchange counts as explored.
    mutating func skip() {
        obscure()
        switch current {
        case .walk(var walk):
            walk.claimed = nil
            walk.isMinuteOfNoUse = false
            current = .walk(walk)
        case .select(let ids, _): current = .select(ids, nil)
        case .compare, .confirm, .note, nil: break
        }
    }

    /// Whether it was of any use: records, or knowledge of what need not be asked for.
    var hasProgress: Bool { admittedCount > 0 || !explored.isEmpty }

    /// This node cannot take more in at present, so what it looks at from now on is not explored.
    mutating func stopExploring() {
        isObscure = true
    }

    /// Something that the peer has was not looked at.
    mutating func obscure() {
        isObscure = true
        explored = []
    }

    /// All records of an answer were looked at.
    ///
    /// If they are not what the peer announced, it is asked again what it has.
    mutating func endAnswer() {
        defer {
            current = nil
            nextPosition = nil
        }
        switch current {
        case .walk(var walk) where !walk.listsOnly:
            guard let nextPosition else {
                note(walk.endMinute())
                if let claimed = walk.claimed, !walk.found.keeps(claimed.digest) { work.append(.confirm(claimed)) }
                return
            }
            walk.position = nextPosition
            work.append(.walk(walk))
        case .select(let missing, let claimed) where !missing.isEmpty:
            obscure()
            if let claimed { work.append(.confirm(claimed)) }
        default: break
        }
    }

    // MARK: What is left to ask

    /// Some spans of a level are to be compared in detail.
    mutating func compare(_ level: DigestLevel, _ range: Range<UInt64>) {
        var upper = range.upperBound
        var parts: [Work] = []
        while upper > range.lowerBound {
            let lower = upper - min(upper - range.lowerBound, UInt64(SyncRequest.digestCountMax))
            parts.append(.compare(level, lower..<upper))
            upper = lower
        }
        work += parts.reversed()
    }

    /// A range of time lacks records.
    mutating func walk(from start: UInt64, before end: UInt64, listsOnly: Bool, claimed: Claim?) {
        guard start < end else { return }
        work.append(
            .walk(Walk(position: SyncPosition(time: start), end: end, listsOnly: listsOnly, claimed: claimed))
        )
    }

    /// Records are to be asked for by their ids.
    mutating func select(_ ids: [AttestationID], _ claim: Claim?) {
        for start in stride(from: 0, to: ids.count, by: SyncRequest.selectionCountMax) {
            let part = ids[start..<min(start + SyncRequest.selectionCountMax, ids.count)]
            work.append(.select(Set(part), claim))
        }
    }
}

extension SetDigest {
    /// Whether a set, of which this is the digest, can be what was announced some moments before.
    ///
    /// It may have grown meanwhile, but not shrunk, nor become another of the same size.
    func keeps(_ announced: SetDigest) -> Bool { count > announced.count || matches(announced) }
}

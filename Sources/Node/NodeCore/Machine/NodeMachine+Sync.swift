internal import Attestations
internal import Discovery
internal import Gossip
internal import KeyValueStorage
internal import PeerProtocols
internal import Records
internal import WireFormat

extension NodeMachine {
    // MARK: As a server

    /// A peer asks for records.
    mutating func serve(_ frame: [UInt8], on stream: StreamID, now: NodeInstant) {
        let peer = server.peer(of: stream)
        switch server.receive(frame, on: stream, store: store, now: now.monotonic) {
        case .answer(let answer):
            statistics.syncRequestsServed += 1
            statistics.syncBytesSent += answer.count
            effects.append(.sendFrame(answer, on: stream))
        case .failed(let error, let answer):
            effects.append(.sendFrame(answer, on: stream))
            fail(error, now: now)
        case .refuse(let misconduct):
            server.close(stream)
            effects.append(.closeStream(stream, .reset))
            if let peer { note(misconduct, of: peer, now: now) }
        case .unknown: break
        }
    }

    // MARK: As a client

    /// Ends what took too long, and begins what is due.
    mutating func passSyncTime(now: NodeInstant) {
        server.forget(now: now.monotonic)
        for stream in server.takeIdle(now: now.monotonic) { effects.append(.closeStream(stream, .finished)) }
        guard storeFailure == nil else { return }
        for stream in schedule.overdue(now: now.monotonic) { endExchange(on: stream, .misconduct(.stalled), now: now) }
        for stream in schedule.resuming(now: now.monotonic) { askNext(on: stream, now: now) }
        for peer in schedule.due(now: now.monotonic, using: &random) where schedule.hasPlace {
            guard score(of: peer, now: now) >= configuration.gossip.thresholds.gossip else {
                schedule.rest(
                    peer,
                    until: now.monotonic.advanced(by: configuration.sync.failureBackoff),
                    again: true,
                    needsOther: true,
                    now: now.monotonic,
                    using: &random
                )
                continue
            }
            begin(with: peer, now: now)
        }
    }

    private mutating func begin(with peer: PeerID, now: NodeInstant) {
        let stream = takeStream()
        var exchange = SyncExchange(
            peer: peer,
            place: schedule.begin(peer),
            floor: pruning.floor(now: now.unixMilliseconds),
            end: now.advanced(by: configuration.validation.clockSkewMax).unixMilliseconds,
            now: now.monotonic
        )
        exchange.deadline = now.monotonic.advanced(by: configuration.sync.answerTimeout)
        schedule.exchanges[stream] = exchange
        discovery?.protect(peer, .sync)
        effects.append(.openStream(stream, to: peer, FramedProtocol.sync.name))
    }

    /// Asks what is next, or ends the exchange.
    mutating func askNext(on stream: StreamID, now: NodeInstant) {
        guard let exchange = schedule.exchanges[stream] else { return }
        let sync = configuration.sync
        guard exchange.requestCount < sync.exchangeRequestCountMax, exchange.byteCount < sync.exchangeByteCountMax,
            now.monotonic < exchange.startedAt.advanced(by: sync.exchangeDurationMax)
        else { return endExchange(on: stream, .postponed, now: now) }
        guard exchange.identifierCount < sync.exchangeIdentifierCountMax else {
            return endExchange(on: stream, .postponed, rest: sync.failureBackoff, now: now)
        }
        guard let request = schedule.exchanges[stream]?.nextRequest() else {
            return endExchange(on: stream, .complete, now: now)
        }
        if case .identifiers = request {
            let (place, most) = (exchange.place, SyncResponse.identifierCountMax)
            guard identifiers[place].take(most, now: now.monotonic) else {
                let delay = identifiers[place].delay(until: most, now: now.monotonic)
                schedule.exchanges[stream]?.wait(until: now.monotonic.advanced(by: delay))
                return
            }
            schedule.exchanges[stream]?.reservedIdentifierCount = most
        }
        schedule.exchanges[stream]?.deadline = now.monotonic.advanced(by: sync.answerTimeout)
        effects.append(.sendFrame(request.wireBytes, on: stream))
    }

    /// An answer arrived.
    mutating func receiveRecords(_ frame: [UInt8], on stream: StreamID, now: NodeInstant) {
        statistics.syncBytesReceived += frame.count
        guard
            let content = schedule.exchanges[stream]?
                .receive(frame, frameByteCountMax: FramedProtocol.sync.frameByteCountMax)
        else { return }
        switch content {
        case .spans(let level, let range, let spans): compare(spans, of: level, in: range, on: stream, now: now)
        case .identifiers(let positions, let claim):
            if let exchange = schedule.exchanges[stream] {
                identifiers[exchange.place].giveBack(exchange.reservedIdentifierCount - positions.count)
                schedule.exchanges[stream]?.reservedIdentifierCount = 0
            }
            select(positions, claim, on: stream, now: now)
        case .changed: break
        case .excessive:
            return endExchange(on: stream, .postponed, rest: configuration.sync.failureBackoff, now: now)
        case .records(let records): return take(records, on: stream, now: now)
        case .refused(let milliseconds):
            let delay = Duration.milliseconds(Int64(min(max(milliseconds, 1_000), 600_000)))
            return endExchange(on: stream, .postponed, rest: delay, now: now)
        case .violation(let misconduct): return endExchange(on: stream, .misconduct(misconduct), now: now)
        }
        askNext(on: stream, now: now)
    }

    /// How what a peer has of a span relates to what is here.
    private enum Difference {
        case none
        /// Some of it is here: to be looked at in detail.
        case some
        /// Nothing of it is here, or little of a minute: to be asked for as a whole.
        case all
    }

    /// Finds what the peer has and this node has not.
    private mutating func compare(
        _ spans: [SyncSpan],
        of level: DigestLevel,
        in range: Range<UInt64>,
        on stream: StreamID,
        now: NodeInstant
    ) {
        let floor = pruning.floor(now: now.unixMilliseconds)
        var compared: [(span: SyncSpan, difference: Difference)] = []
        for span in spans where level.start(of: span.index + 1) > floor {
            let own = attempt(now: now) { (machine) throws(StorageError) in
                try machine.digests.digest(DigestKey(level: level, index: span.index), in: machine.store)
            }
            guard let own else { return }
            let isExplored = explored.contains(DigestKey(level: level, index: span.index), span.digest)
            compared.append((span, isExplored ? .none : Self.difference(own, span.digest, level)))
        }
        if commits.isIdle { digests.settle() }
        noteExplored(compared, of: level, in: range)
        var groups: [Range<Int>] = []
        var index = 0
        while index < compared.count {
            let difference = compared[index].difference
            var end = index + 1
            while end < compared.count, compared[end].difference == difference,
                // What lies between whole spans is empty there, so one walk serves them all.
                difference == .all
                    || level.finer != nil && compared[end].span.index == compared[end - 1].span.index + 1
            {
                end += 1
            }
            if difference != .none { groups.append(index..<end) }
            index = end
        }
        // From a random place on: what takes too long to go through must not always be in the way of the same others.
        let first = groups.isEmpty ? 0 : Int.random(in: 0..<groups.count, using: &random)
        for group in groups[first...] + groups[..<first] {
            let difference = compared[group.lowerBound].difference
            seek(compared[group].map(\.span), difference, level, floor: floor, on: stream, now: now)
        }
    }

    /// A longer span of whose parts none has anything more has nothing more itself.
    private mutating func noteExplored(
        _ compared: [(span: SyncSpan, difference: Difference)],
        of level: DigestLevel,
        in range: Range<UInt64>
    ) {
        guard let coarser = level.coarser else { return }
        var index = 0
        while index < compared.count {
            let parent = compared[index].span.index / coarser.count
            var digests: [SetDigest] = []
            var isExplored = range.contains(parent * coarser.count) && (parent + 1) * coarser.count <= range.upperBound
            while index < compared.count, compared[index].span.index / coarser.count == parent {
                digests.append(compared[index].span.digest)
                if compared[index].difference != .none { isExplored = false }
                index += 1
            }
            guard isExplored else { continue }
            var digest = SetDigest()
            digest.add(digests)
            explored.insert(DigestKey(level: coarser.level, index: parent), digest)
        }
    }

    private static func difference(_ own: SetDigest, _ theirs: SetDigest, _ level: DigestLevel) -> Difference {
        if own.matches(theirs) { return .none }
        return own.count == 0 || level == .minute && own.count < theirs.count / 4 ? .all : .some
    }

    /// Has some spans, one after the other, asked for or looked at in detail.
    private mutating func seek(
        _ spans: [SyncSpan],
        _ difference: Difference,
        _ level: DigestLevel,
        floor: UInt64,
        on stream: StreamID,
        now: NodeInstant
    ) {
        guard difference != .none, let first = spans.first?.index, let last = spans.last?.index else { return }
        if difference == .some, let finer = level.finer {
            let floorIndex = finer.level.index(of: floor)
            let range = max(first * finer.count, floorIndex)..<max((last + 1) * finer.count, floorIndex)
            schedule.exchanges[stream]?.compare(finer.level, range)
            return
        }
        let start = level.start(of: first)
        let stop = level.start(of: last + 1)
        let settled = settledTime(now: now)
        var claimed = SetDigest()
        claimed.add(spans.map(\.digest))
        var from = max(start, floor)
        var isWhole = settled >= stop && start >= floor
        if difference == .some, claimed.count > UInt64(configuration.sync.exchangeIdentifierCountMax / 2), from < stop {
            // One exchange does not come to the end of such a list, so each begins somewhere else.
            from = UInt64.random(in: from..<stop, using: &random)
            isWhole = false
        }
        schedule.exchanges[stream]?
            .walk(
                from: from,
                before: min(stop, settled),
                listsOnly: difference == .some,
                claimed: isWhole ? SyncExchange.Claim(level, first..<last + 1, claimed) : nil
            )
    }

    /// The time before which gossip has done what it could, in Unix milliseconds.
    private func settledTime(now: NodeInstant) -> UInt64 {
        now.unixMilliseconds - min(now.unixMilliseconds, configuration.sync.settlingTime.wholeMilliseconds)
    }

    /// Asks for the records that are not here.
    private mutating func select(
        _ positions: [SyncPosition],
        _ claim: SyncExchange.Claim?,
        on stream: StreamID,
        now: NodeInstant
    ) {
        let latest = settledTime(now: now)
        // Only after a clock went back does a claim reach beyond what has settled.
        if positions.contains(where: { $0.time >= latest }) { schedule.exchanges[stream]?.obscure() }
        var missing: [AttestationID] = []
        for position in positions where position.time < latest && pending.bytes(of: position.id) == nil {
            let isThere = read(now: now) { (store) throws(StorageError) in
                try store.contains(in: NodeStore.notarizations, AttestationKey(position.id))
            }
            guard let isThere else { return }
            if !isThere { missing.append(position.id) }
        }
        schedule.exchanges[stream]?.select(missing, claim)
    }

    /// Takes in the records of an answer, and goes on when they are safe.
    private mutating func take(_ records: [[UInt8]], on stream: StreamID, now: NodeInstant) {
        guard let peer = schedule.exchanges[stream]?.peer else { return }
        let arrival = RecordValidator.Arrival.archive(oldest: pruning.floor(now: now.unixMilliseconds))
        var isBusy = false
        for bytes in records {
            do throws(RecordRefusal) {
                switch try examine(bytes, arrival: arrival, now: now) {
                case .known(let key):
                    guard expects(key.time, key.id, on: stream, now: now) else { return }
                case .valid(let record):
                    guard expects(record.header.endTime, record.id, on: stream, now: now) else { return }
                    try admit(record, arrival: arrival, origin: .sync(peer), [], now: now)
                    schedule.exchanges[stream]?.admittedCount += 1
                }
            } catch .duplicate, .doubleSigned, .tooMany {
                // It was where it belongs; that it is not wanted is nobody's fault.
                schedule.exchanges[stream]?.refuse()
            } catch .busy, .storeFull {
                isBusy = true
                schedule.exchanges[stream]?.stopExploring()
            } catch  where error.isFaultOfKeeper {
                refuse(error, from: peer)
                return endExchange(on: stream, .misconduct(.invalidRecord), now: now)
            } catch {
                refuse(error, from: peer)
                schedule.exchanges[stream]?.skip()
            }
        }
        schedule.exchanges[stream]?.endAnswer()
        guard !isBusy else { return endExchange(on: stream, .postponed, now: now) }
        if !commits.follow(.continueExchange(stream)) { askNext(on: stream, now: now) }
    }

    /// Whether a record was asked for; ends the exchange if not.
    private mutating func expects(_ time: UInt64, _ id: AttestationID, on stream: StreamID, now: NodeInstant) -> Bool {
        guard schedule.exchanges[stream]?.expects(SyncPosition(time: time, id: id)) == false else { return true }
        endExchange(on: stream, .misconduct(.malformedFrame), now: now)
        return false
    }

    // MARK: The end

    private mutating func endExchange(
        on stream: StreamID,
        _ reason: SyncOutcome.Reason,
        rest: Duration = .seconds(1),
        now: NodeInstant
    ) {
        guard let exchange = schedule.exchanges.removeValue(forKey: stream) else { return }
        effects.append(.closeStream(stream, reason == .complete || reason == .postponed ? .finished : .reset))
        end(exchange, reason, rest: rest, now: now)
    }

    /// An exchange is over; its stream is gone or closed by whoever calls.
    mutating func end(
        _ exchange: SyncExchange,
        _ reason: SyncOutcome.Reason,
        rest: Duration = .seconds(1),
        now: NodeInstant
    ) {
        let peer = exchange.peer
        identifiers[exchange.place].giveBack(exchange.reservedIdentifierCount)
        var rest = rest
        switch reason {
        case .complete: statistics.exchangesCompleted += 1
        case .postponed:
            statistics.exchangesPostponed += 1
            // An exchange that brought nothing keeps no place from others soon.
            if !exchange.hasProgress { rest = max(rest, configuration.sync.failureBackoff) }
        case .interrupted:
            statistics.exchangesFailed += 1
            if !exchange.hasProgress { rest = configuration.sync.failureBackoff }
        case .misconduct:
            statistics.exchangesFailed += 1
            rest = configuration.sync.failureBackoff
        }
        if !reason.isMisconduct {
            // Each is of records that were looked at, so the next exchange may go on where this one ended.
            for (minute, digest) in exchange.explored {
                explored.insert(DigestKey(level: .minute, index: minute), digest)
            }
        }
        discovery?.unprotect(peer, .sync)
        let isLong = exchange.identifierCount >= configuration.sync.exchangeIdentifierCountMax
        schedule.rest(
            peer,
            until: now.monotonic.advanced(by: rest),
            again: reason != .complete && !isLong,
            needsOther: reason != .complete,
            now: now.monotonic,
            using: &random
        )
        let outcome = SyncOutcome(
            reason: reason,
            recordCount: exchange.recordCount,
            byteCount: exchange.byteCount
        )
        effects.append(.notify(.synced(peer, outcome)))
        if case .misconduct(let misconduct) = reason { note(misconduct, of: peer, now: now) }
    }
}

internal import Attestations
internal import NodeCore
internal import PeerProtocols
internal import Records

extension Simulation {
    /// A session ends well at a random node that runs: it is asked for an attestation.
    func publish(_ number: Int) {
        let running = honestNodes.filter(\.isRunning)
        guard let node = running.randomElement(using: &workRandom) else {
            ledger.expectedCount -= 1
            return
        }
        trace(10, node.index, number)
        do {
            let header = try network.header(
                by: node.index,
                byteCount: options.recordByteCount,
                unixMilliseconds: instant(node).unixMilliseconds,
                random: &workRandom
            )
            let request = ledger.entries.count
            ledger.request(header.id, author: node.index, now: now)
            crashAtCommitPerhaps(node)
            handle(
                .attestationRequested(SigningRequestID(number: UInt64(request)), header, contextText: nil),
                at: node
            )
        } catch {
            watch.report(.refusedToSign(node: node.index, reason: "\(error)"), at: now)
        }
    }

    /// A node answers what it was asked for.
    func take(_ answer: SigningAnswer, to request: SigningRequestID, of node: HonestNode) {
        let number = Int(clamping: request.number)
        guard ledger.entries.indices.contains(number) else { return }
        switch answer {
        case .attested(let attestation):
            if attestation.id != ledger.entries[number].id
                || !ledger.isUnaltered(Notarization(attestation).bytes, number)
            {
                watch.report(.altered(node: node.index, id: attestation.id.description), at: now)
            }
            publishedNow(number)
        case .permitted: break
        case .refused(let reason): watch.report(.refusedToSign(node: node.index, reason: "\(reason)"), at: now)
        }
    }

    /// A node tells what happened inside it.
    func take(_ notice: NodeNotice, of node: HonestNode) {
        if case .misbehaved(let peer, let misconduct) = notice, let other = numbers[peer] {
            watch.checkMisconduct(misconduct, of: other, at: node, in: self)
        }
        guard case .recorded(let id, let origin) = notice else { return }
        guard let number = ledger.number(of: id) else {
            return watch.report(.acceptedInvalid(node: node.index, id: id.description), at: now)
        }
        let (bringer, caughtUp): (Int?, Bool) =
            switch origin {
            case .own: (nil, false)
            case .gossip(let peer): (numbers[peer], false)
            case .sync(let peer): (numbers[peer], true)
            }
        trace(11, node.index, number)
        publishedNow(number)
        if !ledger.accept(number, at: node.index, from: bringer, caughtUp: caughtUp, now: now) {
            watch.report(.acceptedTwice(node: node.index, record: number), at: now)
        }
    }

    /// A record is safe somewhere: from now on it must get everywhere.
    func publishedNow(_ number: Int) {
        guard ledger.publish(number, now: now) else { return }
        events.insert(.deadline(record: number), at: deadline(ofRecordFrom: now))
    }

    /// The time is over by which a record had to be everywhere.
    func checkDeadline(of number: Int) {
        guard let published = ledger.entries[number].publishedAt else { return }
        for node in honestNodes where !ledger.has(node.index, number) {
            // Who was away, or came late, had less time; checkReturn(of:) looks at it when that is over.
            guard node.isRunning, node.runningSince.advanced(by: options.bound) <= now else { continue }
            reportMissing(number, published: published, at: node)
        }
    }

    /// The time is over in which a node that came late, or back, had to catch up.
    func checkReturn(of node: HonestNode) {
        for (number, entry) in ledger.entries.enumerated() where !ledger.has(node.index, number) {
            guard let published = entry.publishedAt, deadline(ofRecordFrom: published) <= now else { continue }
            reportMissing(number, published: published, at: node)
        }
    }

    private func deadline(ofRecordFrom published: MonotonicInstant) -> MonotonicInstant {
        max(published, moment(options.faultEnd)).advanced(by: options.bound)
    }

    private func reportMissing(_ number: Int, published: MonotonicInstant, at node: HonestNode) {
        let delay = now.nanoseconds(since: published) / 1_000_000
        watch.report(.missing(node: node.index, record: number, delayMilliseconds: delay), at: now)
    }
}

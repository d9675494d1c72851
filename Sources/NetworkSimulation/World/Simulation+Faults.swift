internal import CryptoCore
internal import KeyValueStorage
internal import NodeCore
internal import PeerProtocols

extension Simulation {
    /// Enters the plan of the fault.
    func scheduleFault() {
        guard options.fault != .none else { return }
        events.insert(.fault(.begin), at: moment(options.faultStart))
        events.insert(.fault(.end), at: moment(options.faultEnd))
    }

    /// The plan goes on.
    func take(_ step: FaultStep) {
        trace(12, options.nodeCount)
        switch step {
        case .begin:
            faults.isActive = true
            if options.fault == .partition { divide() }
            if options.fault == .loss { killConnections(share: options.share, isStationary: true) }
            events.insert(.fault(.next), at: now.advanced(by: .seconds(1)))
        case .next:
            guard faults.isActive else { return }
            proceed()
            events.insert(.fault(.next), at: now.advanced(by: .seconds(1)))
        case .end:
            faults.isActive = false
            if faults.isPartitioned { heal() }
        }
    }

    private func proceed() {
        switch options.fault {
        case .loss:
            // So many die in a second that the share stays: a dead one is noticed after the timeout.
            let timeout = options.links.silenceTimeout / .seconds(1)
            killConnections(share: options.share / (1 - options.share) / timeout, isStationary: false)
        case .churn, .crash: takeNodesDown()
        case .none, .partition, .sybil, .spam, .eclipse: break
        }
    }

    // MARK: Loss

    /// Lets a share of the living connections die.
    ///
    /// - Parameter isStationary: Whether their ends notice soon, some of them, as if this had gone on for long.
    private func killConnections(share: Double, isStationary: Bool) {
        for participant in participants {
            for connection in participant.sortedConnections where connection.dialer == participant.index {
                guard !connection.isDead, Double.random(in: 0..<1, using: &faultRandom) < share else { continue }
                connection.isDead = true
                faults.deadConnectionCount += 1
                let timeout = options.links.silenceTimeout
                let elapsed = isStationary ? Self.random(.zero...timeout, &faultRandom) : 0
                let time = now.advanced(by: timeout - .nanoseconds(Int64(elapsed)))
                events.insert(.silence(connection, at: .dialer), at: time)
                events.insert(.silence(connection, at: .listener), at: time)
            }
        }
    }

    // MARK: Partition

    private func divide() {
        for participant in participants {
            participant.isCutOff = Double.random(in: 0..<1, using: &faultRandom) < options.share
        }
        faults.isPartitioned = true
        for connection in cutConnections {
            for end in [ConnectionEnd.dialer, .listener] {
                let time = now.advanced(by: options.links.silenceTimeout)
                events.insert(.silence(connection, at: end), at: time)
            }
        }
    }

    private func heal() {
        let connections = cutConnections
        faults.isPartitioned = false
        for connection in connections {
            for end in [ConnectionEnd.dialer, .listener] {
                let frames = connection[end].caught + connection[end].held
                connection[end].caught = []
                connection[end].held = []
                connection[end].unconfirmedByteCount = 0
                // TCP tries again at growing intervals, so that it notices up to some seconds late.
                let delay = Self.random(.milliseconds(200)...(.seconds(4)), &linkRandom)
                for frame in frames { launch(frame, over: connection, from: end, departure: now.nanoseconds + delay) }
                unblock(connection, end)
            }
        }
    }

    /// The open connections between both parts.
    private var cutConnections: [Connection] {
        participants.flatMap { participant in
            participant.sortedConnections.filter { $0.dialer == participant.index && isCut($0) }
        }
    }

    // MARK: Crash and churn

    private func takeNodesDown() {
        // So many go down in a second that the share is away at any moment, by the mean time away.
        let timeAway = options.fault == .crash ? 8.0 : 15.0
        let share = options.share / (1 - options.share) / timeAway
        for node in honestNodes where node.isRunning && node.crashesAtCommit == nil {
            guard Double.random(in: 0..<1, using: &faultRandom) < share else { continue }
            let kind = crashKind()
            if options.fault == .crash, Bool.random(using: &faultRandom) {
                node.crashesAtCommit = kind
            } else {
                let moment = Self.random(.zero...(.seconds(1)), &faultRandom)
                events.insert(.crash(node, life: node.life, kind), at: now.advanced(by: .nanoseconds(Int64(moment))))
            }
        }
    }

    private func crashKind() -> CrashKind {
        switch options.fault {
        case .churn: Bool.random(using: &faultRandom) ? .leave : .process
        default: Bool.random(using: &faultRandom) ? .power : .process
        }
    }

    /// An author is about to store its own attestation: a moment that a crash must not spoil.
    func crashAtCommitPerhaps(_ node: HonestNode) {
        guard faults.isActive, options.fault == .crash, Int.random(in: 0..<4, using: &faultRandom) == 0 else { return }
        node.crashesAtCommit = crashKind()
    }

    /// A node goes down, and comes back after some seconds.
    func crash(_ node: HonestNode, _ kind: CrashKind) {
        trace(13, node.index, node.life)
        let participant = participants[node.index]
        faults.crashCount += 1
        if kind != .leave, node.commits.isBusy {
            faults.interruptedCommitCount += 1
            // Some of what is under way reached the operating system, in its order.
            let written = Int.random(in: 0...node.commits.underWay.count, using: &faultRandom)
            for commit in node.commits.underWay.prefix(written) {
                do { try node.store?.write(commit.batch, sync: false) } catch {
                    watch.report(.startFailed(node: node.index, reason: "\(error)"), at: now)
                }
            }
        }
        if kind == .power {
            node.disk.losePower(random: &faultRandom)
        } else {
            node.disk.killProcess()
        }
        node.end()
        ledger.loseUnpublished(of: node.index)
        cutOff(participant, isSilent: kind == .power)
        participant.isReachable = kind != .power
        let away = options.fault == .crash ? Duration.seconds(1)...(.seconds(15)) : .seconds(5)...(.seconds(25))
        let time = Self.random(away, &faultRandom)
        events.insert(.start(node: node.index), at: now.advanced(by: .nanoseconds(Int64(time))))
    }
}

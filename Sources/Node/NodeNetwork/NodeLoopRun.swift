internal import NodeCore
internal import PeerNetworking
internal import PeerProtocols

/// What a node's thread does from its beginning to its end.
struct NodeLoopRun: Sendable {
    private var machine: NodeMachine
    private var traffic: PeerTraffic
    private let inbox: NodeLoopInbox
    private let events: PeerEventQueue
    private let committer: StoreCommitter
    private let desk: SigningDesk
    private let limits: NodeLoopConfiguration
    private let notice: @Sendable (NodeNotice) -> Void
    private var stopsBy: MonotonicInstant?

    /// How long a node that stops may take to finish what it has begun.
    private static let stoppingTime = Duration.seconds(3)
    /// How often a node that stops looks whether it is done.
    private static let stoppingInterval = Duration.milliseconds(10)

    init(
        machine: NodeMachine,
        traffic: PeerTraffic,
        inbox: NodeLoopInbox,
        events: PeerEventQueue,
        committer: StoreCommitter,
        desk: SigningDesk,
        limits: NodeLoopConfiguration,
        notice: @escaping @Sendable (NodeNotice) -> Void
    ) {
        self.machine = machine
        self.traffic = traffic
        self.inbox = inbox
        self.events = events
        self.committer = committer
        self.desk = desk
        self.limits = limits
        self.notice = notice
    }

    /// Runs until the node is told to stop, and has finished what it had begun.
    mutating func run() {
        while !turn() {}
        for case .look(let look) in inbox.close() { look.body(nil) }
    }

    /// Handles what there is to do; true when the node is done.
    private mutating func turn() -> Bool {
        // Asked first: reports that are posted before count.
        let wasIdle = committer.isIdle && desk.waitingCount == 0
        let messages = inbox.take(until: nextDeadline)
        for message in messages { receive(message) }
        let batch = events.take(max: limits.eventBatchCount)
        for event in batch {
            for nodeEvent in traffic.nodeEvents(of: event) { bring(nodeEvent) }
        }
        events.finish(batch)
        if !events.isEmpty { inbox.ring() }
        if machine.nextWake <= .now() { bring(.timeReached) }
        guard let stopsBy else { return false }
        let isDone = wasIdle && messages.isEmpty && batch.isEmpty && traffic.waitingGossipByteCount == 0
        return isDone || stopsBy <= .now()
    }

    private var nextDeadline: MonotonicInstant {
        guard stopsBy != nil else { return machine.nextWake }
        return min(machine.nextWake, MonotonicInstant.now().advanced(by: Self.stoppingInterval))
    }

    private mutating func receive(_ message: NodeLoopInbox.Message) {
        switch message {
        case .store(.committed(let token)): bring(.committed(through: token))
        case .store(.failed(let token, let error)): bring(.commitFailed(token, error))
        case .dialled(let attempt, let succeeded):
            for event in traffic.dialFinished(attempt, succeeded: succeeded) { bring(event) }
        case .event(let event): bring(event)
        case .look(let look): look.body((machine, .now()))
        case .stop:
            guard stopsBy == nil else { return }
            stopsBy = MonotonicInstant.now().advanced(by: Self.stoppingTime)
            bring(.stopping)
        }
    }

    /// Brings an event to the node and does what it decides, and so with what follows from that at once.
    private mutating func bring(_ event: NodeEvent) {
        var waiting = [event]
        var next = 0
        while next < waiting.count {
            let effects = machine.handle(waiting[next], now: .now())
            switch waiting[next] {
            case .started(let addresses), .listening(let addresses):
                traffic.announce(addresses, machine.signedPeerRecord)
            default: break
            }
            next += 1
            for effect in effects {
                switch effect {
                case .commit(let batch, let sync, let token): committer.submit(batch, sync: sync, token)
                case .answer(let id, let answer): desk.answer(id, answer)
                case .notify(let notice): self.notice(notice)
                default: waiting += traffic.perform(effect)
                }
            }
        }
    }
}

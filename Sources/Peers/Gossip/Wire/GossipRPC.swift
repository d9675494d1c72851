package import PeerProtocols

/// What one peer tells another at once (pubsub specification, "The RPC"; GossipSub v1.0–1.2, "Protobuf").
///
/// Several IWANT or IDONTWANT entries of one RPC mean the same as one entry with all their ids, so they are one list.
package struct GossipRPC: Hashable, Sendable {
    /// Topics that the sender joins or leaves.
    package var subscriptions: [Subscription]
    /// Messages in full.
    package var messages: [GossipMessage]
    /// Ids of messages that the sender has.
    package var have: [Advertisement]
    /// Ids of messages that the sender asks for.
    package var want: [MessageID]
    /// Topics whose mesh the sender takes the receiver into.
    package var graft: [GossipTopic]
    /// Topics whose mesh the sender drops the receiver from.
    package var prune: [Prune]
    /// Ids of messages that the sender does not need from the receiver (v1.2).
    package var unwanted: [MessageID]

    /// A topic that a peer joins or leaves.
    package struct Subscription: Hashable, Sendable {
        /// The topic.
        package var topic: GossipTopic
        /// Whether it is joined.
        package var isJoined: Bool

        /// The joining or leaving of `topic`.
        package init(topic: GossipTopic, isJoined: Bool) {
            self.topic = topic
            self.isJoined = isJoined
        }
    }

    /// IHAVE: recent messages of a topic.
    package struct Advertisement: Hashable, Sendable {
        /// The topic.
        package var topic: GossipTopic
        /// The messages.
        package var ids: [MessageID]

        /// The advertisement of `ids`.
        package init(topic: GossipTopic, ids: [MessageID]) {
            self.topic = topic
            self.ids = ids
        }
    }

    /// PRUNE: the end of a mesh link.
    package struct Prune: Hashable, Sendable {
        /// The topic.
        package var topic: GossipTopic
        /// Other peers of the topic, for whoever was pruned because there were too many (peer exchange).
        package var peers: [ExchangedPeer]
        /// Seconds during which the link must not be grafted again; nil leaves it to the receiver.
        package var backoffSeconds: UInt64?

        /// The end of the link in `topic`.
        package init(topic: GossipTopic, peers: [ExchangedPeer] = [], backoffSeconds: UInt64? = nil) {
            self.topic = topic
            self.peers = peers
            self.backoffSeconds = backoffSeconds
        }
    }

    /// A peer that another peer recommends.
    package struct ExchangedPeer: Hashable, Sendable {
        /// Its name.
        package var id: PeerID
        /// Its signed peer record (libp2p RFC 0003), as it was given; whoever uses it checks it.
        package var signedRecord: [UInt8]?

        /// The recommendation of `id`.
        package init(id: PeerID, signedRecord: [UInt8]? = nil) {
            self.id = id
            self.signedRecord = signedRecord
        }
    }

    /// An RPC of these parts.
    package init(
        subscriptions: [Subscription] = [],
        messages: [GossipMessage] = [],
        have: [Advertisement] = [],
        want: [MessageID] = [],
        graft: [GossipTopic] = [],
        prune: [Prune] = [],
        unwanted: [MessageID] = []
    ) {
        self.subscriptions = subscriptions
        self.messages = messages
        self.have = have
        self.want = want
        self.graft = graft
        self.prune = prune
        self.unwanted = unwanted
    }

    /// Whether it says nothing.
    package var isEmpty: Bool { subscriptions.isEmpty && messages.isEmpty && !hasControl }

    /// What is to be heeded before its messages, and what after them.
    package var aroundMessages: (before: GossipRPC, after: GossipRPC) {
        (
            GossipRPC(subscriptions: subscriptions, unwanted: unwanted),
            GossipRPC(have: have, want: want, graft: graft, prune: prune)
        )
    }

    /// Messages, topics and ids in it, each of which takes memory of its own.
    package var entryCount: Int {
        let ids = have.reduce(0) { $0 + 1 + $1.ids.count } + want.count + unwanted.count
        return subscriptions.count + messages.count + ids + graft.count + prune.reduce(0) { $0 + 1 + $1.peers.count }
    }

    /// Whether it says something of the mesh or of gossip.
    package var hasControl: Bool {
        !have.isEmpty || !want.isEmpty || !graft.isEmpty || !prune.isEmpty || !unwanted.isEmpty
    }
}

/// What a router counted since it began, for metrics and simulations.
package struct GossipStatistics: Hashable, Sendable {
    /// RPCs that were looked at.
    package var rpcsReceived = 0
    /// RPCs of graylisted peers, ignored whole.
    package var rpcsGraylisted = 0
    /// RPCs sent.
    package var rpcsSent = 0
    /// Messages that arrived, of any kind.
    package var messagesReceived = 0
    /// Messages that had been seen.
    package var duplicates = 0
    /// Messages with missing fields or bad signatures.
    package var badSignatures = 0
    /// Messages larger than allowed.
    package var oversizeMessages = 0
    /// Messages dropped because too many waited for their verdict.
    package var messagesDropped = 0
    /// Messages that the application did not want to look at.
    package var messagesDismissed = 0
    /// Messages of topics that this node did not join, or its own coming back.
    package var messagesUnasked = 0
    /// Messages accepted by the application.
    package var accepted = 0
    /// Messages rejected by the application.
    package var rejected = 0
    /// Messages ignored by the application.
    package var ignored = 0
    /// Own messages published.
    package var published = 0
    /// Copies of messages sent, whether own, forwarded or asked for.
    package var messagesSent = 0
    /// Copies not sent because the peer did not want them.
    package var sendsSuppressed = 0
    /// Ids advertised to peers.
    package var idsAdvertised = 0
    /// Ids asked for.
    package var idsRequested = 0
    /// Messages sent because they were asked for.
    package var requestsServed = 0
    /// Promises of messages that were not kept.
    package var promisesBroken = 0
    /// Mesh links made at this node's wish.
    package var grafts = 0
    /// Mesh links ended at this node's wish.
    package var prunes = 0
    /// GRAFTs that were refused.
    package var graftsRefused = 0
    /// Mesh links made because the mesh was poor.
    package var opportunisticGrafts = 0
    /// Times a peer exceeded a limit on control entries.
    package var excesses = 0
    /// Streams of peers that broke the encoding.
    package var malformedStreams = 0
}

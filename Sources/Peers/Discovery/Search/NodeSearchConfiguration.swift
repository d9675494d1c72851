/// How far somebody who only wants to use a network looks for its nodes.
package struct NodeSearchConfiguration: Hashable, Sendable {
    /// Walks, each with a beginning, a direction and peers of its own.
    package var walkCount = 3
    /// Peers that answer on one walk before it ends.
    package var walkAnswerCountMax = 3
    /// Peers that are asked in all, whether they answer or not.
    package var contactCountMax = 12
    /// Peers that are taken from one answer.
    package var answerPeerCountMax = 20
    /// Addresses of a peer that are tried.
    package var addressCountMax = 3
    /// Nodes of one IPv4 /16 or IPv6 /32 that are taken from one walk.
    package var nodeCountPerNetworkMax = 4
    /// How long the walks go on after the first answer of any.
    package var patience = Duration.milliseconds(500)
    /// How long it may take until the first answer.
    package var timeout = Duration.seconds(5)

    /// The defaults of a buyer.
    package init() {}
}

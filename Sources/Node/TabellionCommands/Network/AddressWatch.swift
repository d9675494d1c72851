internal import PeerNetworking
internal import PeerProtocols

/// Looks where others reach this node, now and then: interfaces come and go, and names get other addresses.
package struct AddressWatch: Sendable {
    /// Where others reach the node at present.
    package let look: @Sendable () async -> ReachableAddresses
    private let interval: Duration

    /// A watch that looks in this way.
    package init(interval: Duration = .seconds(60), look: @escaping @Sendable () async -> ReachableAddresses) {
        self.interval = interval
        self.look = look
    }

    /// A watch over this machine's interfaces and resolver.
    ///
    /// - Parameters:
    ///   - listening: Where the node listens.
    ///   - announced: The setting `announce`.
    ///   - isLocal: Whether all nodes of the network are on this machine.
    init(listening: [Multiaddr], announced: [Multiaddr], isLocal: Bool) {
        self.init {
            // The resolver blocks.
            let resolved = await withCheckedContinuation { continuation in
                SessionThread.start {
                    let found = ReachableAddresses(
                        listening: listening,
                        announced: announced,
                        interfaces: LocalAddresses.ofInterfaces,
                        isLocal: isLocal,
                        resolve: { LocalAddresses.resolve($0, $1, port: $2) }
                    )
                    continuation.resume(returning: found)
                }
            }
            return resolved
        }
    }

    /// Says when something changed, until the task is cancelled.
    package func run(from first: ReachableAddresses, changed: (ReachableAddresses) -> Void) async {
        var known = first
        while true {
            do { try await Task.sleep(for: interval) } catch { return }
            let present = await look()
            guard !Task.isCancelled else { return }
            // A resolver that fails for a while is no reason to forget where the node is.
            guard present.told != known.told, present.unresolved.count <= known.unresolved.count else { continue }
            known = present
            changed(present)
        }
    }
}

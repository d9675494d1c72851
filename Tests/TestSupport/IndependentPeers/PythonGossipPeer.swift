internal import Foundation
package import Gossip
internal import NIOConcurrencyHelpers
package import PeerProtocols

/// A GossipSub peer of PyPI libp2p in a process of its own; see Tests/Interop/libp2p/gossip_peer.py.
package final class PythonGossipPeer: Sendable {
    /// Something that it says; which fields there are depends on the kind.
    package struct Event: Decodable, Sendable {
        /// The kind.
        package let event: String
        /// Its own id.
        package let peer: String?
        /// Bytes of a message.
        package let size: Int?
        /// SHA-256 of a message, in hexadecimal.
        package let digest: String?
        /// Who published a message: the bytes of the id, in hexadecimal.
        package let author: String?
        /// A short message, in hexadecimal.
        package let data: String?
        /// A message's id, in hexadecimal.
        package let id: String?
        /// How many pings came back, or how many ids are not wanted.
        package let count: Int?
        /// The node's program.
        package let agent: String?
        /// The node's family of protocols.
        package let `protocol`: String?
        /// The node's protocols.
        package let protocols: [String]?
    }

    /// It did not say what a test waited for.
    package struct Silent: Error {
        /// The kind of event that did not come.
        package let kind: String
    }

    private let process: PythonPeer
    private let state = NIOLockedValueBox(State())

    private struct State {
        var events: [Event] = []
        var takenCounts: [String: Int] = [:]
    }

    /// Joins the mesh of a topic at a node.
    ///
    /// - Parameter identifiesContent: Whether ids of messages are digests of their data.
    package init(
        _ address: Multiaddr,
        topic: String,
        version: GossipVersion,
        identifiesContent: Bool = false
    ) throws {
        let number = version == .v1_1 ? "1.1.0" : "1.2.0"
        let ids = identifiesContent ? "content" : "origin"
        process = try PythonPeer(["\(address)", topic, number, ids], script: "gossip_peer.py")
        Thread.detachNewThread { [state, process] in
            process.readLines { line in
                guard let event = try? JSONDecoder().decode(Event.self, from: line) else { return }
                state.withLockedValue { $0.events.append(event) }
            }
        }
    }

    /// Waits for the next event of a kind.
    package func next(_ kind: String, within duration: Duration = .seconds(60)) async throws -> Event {
        let end = ContinuousClock.now + duration
        while true {
            let found = state.withLockedValue { state -> Event? in
                let taken = state.takenCounts[kind, default: 0]
                guard let event = state.events.filter({ $0.event == kind }).dropFirst(taken).first else { return nil }
                state.takenCounts[kind] = taken + 1
                return event
            }
            if let found { return found }
            guard .now < end else { throw Silent(kind: kind) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// All events of a kind so far.
    package func seen(_ kind: String) -> [Event] {
        state.withLockedValue { $0.events.filter { $0.event == kind } }
    }

    /// Gives it a command, as gossip_peer.py describes them.
    package func command(_ command: [String: any Sendable]) throws {
        try process.write(JSONSerialization.data(withJSONObject: command) + [0x0a])
    }

    /// Ends its process.
    package func stop() {
        process.stop()
    }
}

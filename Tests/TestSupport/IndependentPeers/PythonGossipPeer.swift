import Foundation
import Gossip
import NIOConcurrencyHelpers
import PeerProtocols

/// A GossipSub peer of PyPI libp2p in a process of its own; see Tests/Interop/libp2p/gossip_peer.py.
final class PythonGossipPeer: Sendable {
    /// Something that it says.
    struct Event: Decodable, Sendable {
        let event: String
        var peer: String?
        var size: Int?
        var digest: String?
        var author: String?
        var data: String?
        var id: String?
        var count: Int?
        var agent: String?
        var `protocol`: String?
        var protocols: [String]?
    }

    private let process: PythonPeer
    private let state = NIOLockedValueBox(State())

    private struct State {
        var events: [Event] = []
        var takenCounts: [String: Int] = [:]
    }

    /// Joins the mesh of a topic at a node.
    init(_ address: Multiaddr, topic: String, version: GossipVersion) throws {
        let number = version == .v1_1 ? "1.1.0" : "1.2.0"
        process = try PythonPeer(["\(address)", topic, number], script: "gossip_peer.py")
        Thread.detachNewThread { [state, process] in
            process.readLines { line in
                guard let event = try? JSONDecoder().decode(Event.self, from: line) else { return }
                state.withLockedValue { $0.events.append(event) }
            }
        }
    }

    /// Waits for the next event of a kind.
    func next(_ kind: String, within duration: Duration = .seconds(30)) async throws -> Event {
        let end = ContinuousClock.now + duration
        while true {
            let found = state.withLockedValue { state -> Event? in
                let taken = state.takenCounts[kind, default: 0]
                guard let event = state.events.filter({ $0.event == kind }).dropFirst(taken).first else { return nil }
                state.takenCounts[kind] = taken + 1
                return event
            }
            if let found { return found }
            guard .now < end else { throw EventLog.Missing(what: kind) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// All events of a kind so far.
    func seen(_ kind: String) -> [Event] {
        state.withLockedValue { $0.events.filter { $0.event == kind } }
    }

    /// Gives it a command.
    func command(_ command: [String: any Sendable]) throws {
        try process.write(JSONSerialization.data(withJSONObject: command) + [0x0a])
    }

    func stop() {
        process.stop()
    }
}

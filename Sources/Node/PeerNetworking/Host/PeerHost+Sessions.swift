internal import Foundation
internal import NIOConcurrencyHelpers
internal import PeerProtocols

extension PeerHost {
    /// What identify says to a peer that is seen at `observed`.
    func identifyMessage(observed: Multiaddr?) -> [UInt8] {
        let (addresses, protocols, record) = state.withLockedValue {
            ($0.announcedAddresses ?? $0.listeners.map(\.address), $0.protocols, $0.signedPeerRecord)
        }
        return IdentifyMessage(
            protocolVersion: configuration.protocolVersion,
            agentVersion: configuration.agentVersion,
            publicKey: identity.publicKey,
            listenAddresses: addresses.filter { !$0.isOfAllInterfaces },
            observedAddress: observed,
            protocols: protocols.sorted { $0.description < $1.description },
            signedPeerRecord: record
        ).encoded()
    }

    /// Runs the stream's handler on a thread of its own; false if none is free.
    func startSession(_ stream: PeerStream) -> Bool {
        let handler = state.withLockedValue { state -> StreamHandler? in
            guard !state.isShutDown, state.takesSessions,
                state.sessionThreadCount < configuration.sessionThreadCountMax,
                let handler = state.handlers[stream.protocolName]
            else { return nil }
            state.sessionThreadCount += 1
            return handler
        }
        guard let handler else { return false }
        stream.connection.sessionBegan()
        Thread.detachNewThread {
            handler(stream)
            stream.finish()
            stream.connection.sessionEnded()
            self.state.withLockedValue { $0.sessionThreadCount -= 1 }
        }
        return true
    }
}

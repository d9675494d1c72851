import Foundation

/// One end of a pipe inside a process, for tests and benchmarks; it blocks the calling thread as a socket would.
///
/// `@unchecked Sendable`: all mutable state lives in two `Mailbox`es, each guarded by its own condition.
package final class InMemoryChannel: PartyChannel, @unchecked Sendable {
    private let outgoing: Mailbox
    private let incoming: Mailbox

    private init(outgoing: Mailbox, incoming: Mailbox) {
        self.outgoing = outgoing
        self.incoming = incoming
    }

    /// Two connected ends; what one sends the other receives, in order.
    package static func pair() -> (InMemoryChannel, InMemoryChannel) {
        let forward = Mailbox()
        let backward = Mailbox()
        return (
            InMemoryChannel(outgoing: forward, incoming: backward),
            InMemoryChannel(outgoing: backward, incoming: forward)
        )
    }

    package func send(_ tag: FrameTag, _ payload: [UInt8]) throws(ChannelError) {
        guard outgoing.put((tag, payload)) else { throw .closed }
    }

    package func flush() throws(ChannelError) {}

    package func receive(_ tag: FrameTag, limit: Int) throws(ChannelError) -> [UInt8] {
        guard let (received, payload) = incoming.take() else { throw .closed }
        guard received == tag else { throw .unexpectedFrame(expected: tag, received: received) }
        guard payload.count <= limit else { throw .oversize(tag: tag, limit: limit, announced: payload.count) }
        return payload
    }

    package func close() {
        outgoing.close()
        incoming.close()
    }

    private final class Mailbox: @unchecked Sendable {
        private let condition = NSCondition()
        private var frames: [(FrameTag, [UInt8])] = []
        private var head = 0
        private var closed = false

        func put(_ frame: (FrameTag, [UInt8])) -> Bool {
            condition.lock()
            defer { condition.unlock() }
            guard !closed else { return false }
            frames.append(frame)
            condition.signal()
            return true
        }

        func take() -> (FrameTag, [UInt8])? {
            condition.lock()
            defer { condition.unlock() }
            while head == frames.count {
                if closed { return nil }
                condition.wait()
            }
            let frame = frames[head]
            frames[head].1 = []
            head += 1
            if head == frames.count {
                frames.removeAll(keepingCapacity: true)
                head = 0
            }
            return frame
        }

        func close() {
            condition.lock()
            closed = true
            condition.broadcast()
            condition.unlock()
        }
    }
}

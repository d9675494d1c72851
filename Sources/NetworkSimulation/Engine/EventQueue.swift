package import PeerProtocols

/// What will happen, in the order of times and then of insertion.
///
/// A heap of four children a node over small entries; the events lie still in slots that are used again. Inserting and
/// taking cost a logarithm of the number of waiting events.
package struct EventQueue<Event> {
    private struct Entry {
        let time: UInt64
        let serial: UInt64
        let slot: Int

        func precedes(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : serial < other.serial
        }
    }

    private var heap: [Entry] = []
    private var slots: [Event?] = []
    private var freeSlots: [Int] = []
    private var nextSerial: UInt64 = 0

    /// Nothing will happen.
    package init() {}

    /// Waiting events.
    package var count: Int { heap.count }

    /// Adds an event.
    package mutating func insert(_ event: Event, at time: MonotonicInstant) {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            slots[slot] = event
        } else {
            slot = slots.count
            slots.append(event)
        }
        heap.append(Entry(time: time.nanoseconds, serial: nextSerial, slot: slot))
        nextSerial += 1
        raise(heap.count - 1)
    }

    /// When the next event is.
    package var nextTime: MonotonicInstant? { heap.first.map { MonotonicInstant(nanoseconds: $0.time) } }

    /// Takes the next event, if it is at or before `end`.
    package mutating func takeFirst(until end: MonotonicInstant) -> (event: Event, time: MonotonicInstant)? {
        guard let first = heap.first, first.time <= end.nanoseconds else { return nil }
        if let last = heap.popLast(), !heap.isEmpty {
            heap[0] = last
            lower(0)
        }
        let event = slots[first.slot]
        slots[first.slot] = nil
        freeSlots.append(first.slot)
        return event.map { ($0, MonotonicInstant(nanoseconds: first.time)) }
    }

    private mutating func raise(_ index: Int) {
        heap.withUnsafeMutableBufferPointer { heap in
            var child = index
            let entry = heap[child]
            while child > 0 {
                let parent = (child - 1) / 4
                guard entry.precedes(heap[parent]) else { break }
                heap[child] = heap[parent]
                child = parent
            }
            heap[child] = entry
        }
    }

    private mutating func lower(_ index: Int) {
        heap.withUnsafeMutableBufferPointer { heap in
            var parent = index
            let entry = heap[parent]
            while true {
                let first = 4 * parent + 1
                guard first < heap.count else { break }
                var least = first
                for child in first + 1..<min(first + 4, heap.count) where heap[child].precedes(heap[least]) {
                    least = child
                }
                guard heap[least].precedes(entry) else { break }
                heap[parent] = heap[least]
                parent = least
            }
            heap[parent] = entry
        }
    }
}

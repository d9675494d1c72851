internal import CKernels

/// The order in which a circuit's gates run: list scheduling by critical path.
///
/// The kernels hash a whole group of AND gates at once, so AND gates leave in groups of ``groupSize`` that are mutually
/// independent wherever the circuit has that many ready. Of the ready ones those with the longest chain of AND gates after
/// them go first: ripple adders of neighbouring words then run skewed against one another, and work that nothing waits for
/// (a message schedule, say) fills the gaps instead of running ahead and enlarging the set of live values. Linear gates
/// are emitted just before the first AND gate that needs them.
struct GateSchedule {
    /// The number of AND gates in a full segment.
    static let groupSize = 8

    private let graph: GateGraph
    private let outputs: [UInt32]
    private var isLive: [Bool]
    private var isEmitted: [Bool]
    /// The number of AND gates on the longest path from a node's output to an output of the circuit.
    private var height: [UInt32]
    private var ready: [[UInt32]] = []
    private var readyCount = 0
    private var highestReady = 0

    /// The live gates' nodes in execution order.
    private(set) var order: [UInt32] = []
    /// Runs of linear and AND gates over `order`.
    private(set) var segments: [tab_segment] = []

    init(graph: GateGraph, outputs: [UInt32]) {
        self.graph = graph
        self.outputs = outputs
        self.isLive = Array(repeating: false, count: graph.nodeCount)
        self.isEmitted = Array(repeating: false, count: graph.nodeCount)
        self.height = Array(repeating: 0, count: graph.nodeCount)
        for node in 0..<graph.firstGate { self.isEmitted[node] = true }
    }

    mutating func run() {
        self.markLiveAndMeasure()
        var consumers = Consumers(graph: self.graph, isLive: self.isLive)
        self.ready = Array(repeating: [], count: Int(self.height.max() ?? 0) + 1)

        var pending: [UInt32] = Array(1..<UInt32(self.graph.firstGate))
        self.release(&pending, &consumers)
        while self.readyCount > 0 {
            let group = self.takeGroup()
            let linearStart = self.order.count
            for node in group {
                self.emitLinear(self.graph.a[Int(node)])
                self.emitLinear(self.graph.b[Int(node)])
            }
            self.closeSegment(from: linearStart, isAND: false)
            let start = self.order.count
            for node in group {
                self.order.append(node)
                self.isEmitted[Int(node)] = true
            }
            self.closeSegment(from: start, isAND: true)
            pending.append(contentsOf: group)
            self.release(&pending, &consumers)
        }
        let start = self.order.count
        for node in self.outputs { self.emitLinear(node) }
        self.closeSegment(from: start, isAND: false)
    }

    private mutating func markLiveAndMeasure() {
        for node in self.outputs { self.isLive[Int(node)] = true }
        for node in stride(from: self.graph.nodeCount - 1, through: self.graph.firstGate, by: -1)
        where self.isLive[node] {
            let below = self.height[node] + (self.graph.isAND(node) ? 1 : 0)
            for operand in [Int(self.graph.a[node]), Int(self.graph.b[node])] {
                self.isLive[operand] = true
                self.height[operand] = max(self.height[operand], below)
            }
        }
    }

    /// Tells the consumers of computable nodes, through linear gates, and queues the AND gates that become ready.
    private mutating func release(_ computable: inout [UInt32], _ consumers: inout Consumers) {
        while let node = computable.popLast() {
            consumers.forEachCompleted(after: Int(node)) { consumer in
                if self.graph.isAND(Int(consumer)) {
                    let priority = Int(self.height[Int(consumer)])
                    self.ready[priority].append(consumer)
                    self.readyCount += 1
                    self.highestReady = max(self.highestReady, priority)
                } else {
                    computable.append(consumer)
                }
            }
        }
    }

    private mutating func takeGroup() -> [UInt32] {
        var group: [UInt32] = []
        group.reserveCapacity(Self.groupSize)
        while group.count < Self.groupSize, self.readyCount > 0 {
            while self.ready[self.highestReady].isEmpty { self.highestReady -= 1 }
            group.append(self.ready[self.highestReady].removeLast())
            self.readyCount -= 1
        }
        return group
    }

    /// Emits a linear gate that has not been emitted yet, after the linear gates it depends on.
    private mutating func emitLinear(_ root: UInt32) {
        var stack = [root]
        while let node = stack.last {
            let index = Int(node)
            if self.isEmitted[index] {
                stack.removeLast()
                continue
            }
            let (a, b) = (self.graph.a[index], self.graph.b[index])
            if self.isEmitted[Int(a)], self.isEmitted[Int(b)] {
                self.order.append(node)
                self.isEmitted[index] = true
                stack.removeLast()
            } else {
                if !self.isEmitted[Int(b)] { stack.append(b) }
                if !self.isEmitted[Int(a)] { stack.append(a) }
            }
        }
    }

    private mutating func closeSegment(from start: Int, isAND: Bool) {
        guard self.order.count > start else { return }
        self.segments.append(
            tab_segment(is_and: isAND ? 1 : 0, first: UInt32(start), count: UInt32(self.order.count - start))
        )
    }
}

/// Who reads each node, and how many operands every gate still waits for.
private struct Consumers {
    private var starts: [UInt32]
    private var targets: [UInt32]
    private var missing: [UInt8]

    init(graph: GateGraph, isLive: [Bool]) {
        self.starts = Array(repeating: 0, count: graph.nodeCount + 1)
        self.missing = Array(repeating: 2, count: graph.nodeCount)
        for node in graph.firstGate..<max(graph.firstGate, graph.nodeCount) where isLive[node] {
            self.starts[Int(graph.a[node]) + 1] += 1
            self.starts[Int(graph.b[node]) + 1] += 1
        }
        for node in 0..<graph.nodeCount { self.starts[node + 1] += self.starts[node] }
        var next = self.starts
        self.targets = Array(repeating: 0, count: Int(self.starts[graph.nodeCount]))
        for node in graph.firstGate..<max(graph.firstGate, graph.nodeCount) where isLive[node] {
            for operand in [Int(graph.a[node]), Int(graph.b[node])] {
                self.targets[Int(next[operand])] = UInt32(node)
                next[operand] += 1
            }
        }
    }

    /// Records that a node can be computed and calls `body` with every gate whose last missing operand it was.
    mutating func forEachCompleted(after node: Int, _ body: (UInt32) -> Void) {
        for index in Int(self.starts[node])..<Int(self.starts[node + 1]) {
            let target = self.targets[index]
            self.missing[Int(target)] -= 1
            if self.missing[Int(target)] == 0 { body(target) }
        }
    }
}

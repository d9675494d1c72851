import WireFormat

/// What was measured, and which budgets it meets.
struct BenchmarkReport {
    private var members: [JSONMember] = []
    private var budgets: [JSONValue] = []
    /// Whether every budget so far is met.
    private(set) var isMet = true

    /// Adds a measurement.
    mutating func add(_ name: String, _ figures: [(String, Double)]) {
        members.append(JSONMember(name, .object(figures.map { JSONMember($0, Self.number($1)) })))
    }

    /// Compares a figure with its budget.
    mutating func check(_ name: String, _ measured: Double, atMost limit: Double) {
        check(name, measured, "at_most", limit, measured <= limit)
    }

    /// Compares a figure with its budget.
    mutating func check(_ name: String, _ measured: Double, atLeast limit: Double) {
        check(name, measured, "at_least", limit, measured >= limit)
    }

    private mutating func check(_ name: String, _ measured: Double, _ kind: String, _ limit: Double, _ isMet: Bool) {
        self.isMet = self.isMet && isMet
        budgets.append(
            .object([
                JSONMember("budget", .string(name)), JSONMember("measured", Self.number(measured)),
                JSONMember(kind, Self.number(limit)), JSONMember("met", .bool(isMet)),
            ])
        )
    }

    /// The report as JSON.
    var text: String { JSONValue.object(members + [JSONMember("budgets", .array(budgets))]).text(indented: true) }

    private static func number(_ value: Double) -> JSONValue {
        let thousandths = (value * 1_000).rounded()
        guard thousandths.magnitude < 1e15 else { return .number("0") }
        let whole = Int(thousandths)
        guard !whole.isMultiple(of: 1_000) else { return .number(String(whole / 1_000)) }
        let fraction = String(whole.magnitude % 1_000 + 1_000).dropFirst()
        return .number("\(whole < 0 ? "-" : "")\(whole.magnitude / 1_000).\(fraction)")
    }
}

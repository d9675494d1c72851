internal import WireFormat

/// The report of a measurement: the same names for people and machines.
enum BenchReport {
    /// One line for each figure.
    static func report(_ members: [JSONMember]) -> CommandReport {
        CommandReport(text: lines(members, indent: "").joined(separator: "\n"), members: members)
    }

    /// A number with as many digits as mean something here.
    static func number(_ value: Double) -> JSONValue {
        let thousandths = (value * 1000).rounded()
        guard thousandths.magnitude < 1e15 else { return .number("0") }
        let whole = Int(thousandths)
        let fraction = String(whole.magnitude % 1000 + 1000).dropFirst()
        return .number("\(whole < 0 ? "-" : "")\(whole.magnitude / 1000).\(fraction)")
    }

    /// A count.
    static func count(_ value: Int) -> JSONValue { .number(String(value)) }

    private static func lines(_ members: [JSONMember], indent: String) -> [String] {
        members.flatMap { member -> [String] in
            switch member.value {
            case .object(let inner): return ["\(indent)\(member.key)"] + lines(inner, indent: indent + "  ")
            case .array(let elements):
                return elements.flatMap { element -> [String] in
                    guard case .object(let inner) = element else { return [] }
                    return [""] + lines(inner, indent: indent)
                }
            case let value: return ["\(indent)\(member.key)  \(value.string ?? value.text(indented: false))"]
            }
        }
    }
}

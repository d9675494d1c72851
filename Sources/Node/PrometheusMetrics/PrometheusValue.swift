/// The state of one series.
struct PrometheusValue: Sendable {
    /// A sum, the latest value, or the sum of what a histogram counted.
    private(set) var number = 0.0
    /// How many values a histogram counted, by bucket; the last is for what is above all bounds.
    private var counts: [UInt64] = []
    private let kind: PrometheusFamily.Kind

    init(kind: PrometheusFamily.Kind) {
        self.kind = kind
        if case .histogram(let buckets) = kind {
            counts = [UInt64](repeating: 0, count: buckets.bounds.count + 1)
        }
    }

    /// Adds; a counter takes nothing negative.
    mutating func add(_ amount: Double) {
        guard amount.isFinite, kind != .counter || amount >= 0 else { return }
        number += amount
    }

    /// Replaces the value.
    mutating func set(_ value: Double) {
        guard value.isFinite else { return }
        number = value
    }

    /// Counts one value in a histogram, or replaces a gauge's.
    mutating func record(_ value: Double) {
        guard value.isFinite else { return }
        guard case .histogram(let buckets) = kind else {
            number = value
            return
        }
        number += value
        counts[buckets.bounds.firstIndex { value <= $0 } ?? counts.count - 1] += 1
    }

    /// Appends the series' lines.
    func write(_ name: String, labels: String, to text: inout String) {
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        guard case .histogram(let buckets) = kind else {
            text += "\(name)\(braces) \(Self.text(number))\n"
            return
        }
        let separator = labels.isEmpty ? "" : ","
        var below: UInt64 = 0
        for (bound, count) in zip(buckets.bounds.map(Self.text) + ["+Inf"], counts) {
            below += count
            text += "\(name)_bucket{\(labels)\(separator)le=\"\(bound)\"} \(below)\n"
        }
        text += "\(name)_sum\(braces) \(Self.text(number))\n\(name)_count\(braces) \(below)\n"
    }

    private static func text(_ number: Double) -> String {
        guard number == number.rounded(), abs(number) < 1e15 else { return "\(number)" }
        return String(Int64(number))
    }
}

/// All series of one name.
struct PrometheusFamily {
    /// What kind of metric it is.
    enum Kind: Hashable {
        case counter, gauge
        case histogram(Buckets)

        var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// The upper bounds of a histogram's buckets.
    enum Buckets: Hashable {
        /// Seconds, from a millisecond to two minutes.
        case durations
        /// Counts and bytes, from one to a thousand million.
        case magnitudes

        var bounds: [Double] {
            switch self {
            case .durations: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
            case .magnitudes: (0...9).map { [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9][$0] }
            }
        }
    }

    let kind: Kind
    let help: String?
    /// By labels as they are printed, without braces.
    var series: [String: PrometheusSeries] = [:]

    init(kind: Kind, help: String?) {
        self.kind = kind
        self.help = help
    }

    /// Appends help, type and all series.
    func write(_ name: String, to text: inout String) {
        if let help { text += "# HELP \(name) \(PrometheusName.help(help))\n" }
        text += "# TYPE \(name) \(kind.name)\n"
        for (labels, series) in series.sorted(by: { $0.key < $1.key }) {
            series.value.write(name, labels: labels, to: &text)
        }
    }
}

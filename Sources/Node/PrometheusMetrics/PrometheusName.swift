/// Names and labels as Prometheus' text format wants them.
enum PrometheusName {
    /// A metric's name: `[a-zA-Z_:][a-zA-Z0-9_:]*`, with the suffix of its kind.
    static func metric(_ label: String, kind: PrometheusFamily.Kind) -> String {
        let name = clean(label, colons: true)
        let suffix =
            switch kind {
            case .counter: "_total"
            case .histogram(.durations): "_seconds"
            case .gauge, .histogram(.magnitudes): ""
            }
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// Labels in alphabetical order, as they stand between braces.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions
            .map { (clean($0.0, colons: false), value($0.1)) }
            .sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\"\($0.1)\"" }
            .joined(separator: ",")
    }

    /// A help text on one line.
    static func help(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    private static func value(_ text: String) -> String {
        help(String(text.prefix(128))).replacing("\"", with: "\\\"")
    }

    private static func clean(_ text: String, colons: Bool) -> String {
        var result = ""
        for byte in text.utf8.prefix(128) {
            switch byte {
            case 0x61...0x7a, 0x41...0x5a, 0x5f: result.unicodeScalars.append(Unicode.Scalar(byte))
            case 0x3a where colons: result += ":"
            case 0x30...0x39: result += (result.isEmpty ? "_" : "") + String(Unicode.Scalar(byte))
            default: result += "_"
            }
        }
        return result.isEmpty ? "_" : result
    }
}

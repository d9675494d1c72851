internal import Glibc

/// Points in time and durations as text.
enum Timestamp {
    /// A moment in Unix milliseconds as RFC 3339 in UTC, such as `2026-01-31T12:00:00Z`.
    static func text(milliseconds: UInt64) -> String {
        // Far beyond the year 9999 the number says as much as a date would.
        guard milliseconds < 253_402_300_800_000 else { return "\(milliseconds) ms after 1970" }
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "\(milliseconds) ms after 1970" }
        let date =
            "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1))-\(padded(Int(parts.tm_mday)))"
        return "\(date)T\(padded(Int(parts.tm_hour))):\(padded(Int(parts.tm_min))):\(padded(Int(parts.tm_sec)))Z"
    }

    /// A length of time in its two largest units, such as `2 h 5 min`.
    static func duration(milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1000
        switch seconds {
        case 0..<60: return "\(seconds) s"
        case 60..<3600: return "\(seconds / 60) min \(seconds % 60) s"
        case 3600..<86400: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: return "\(seconds / 86400) d \(seconds % 86400 / 3600) h"
        }
    }

    /// The milliseconds of a length of time such as `90s`, `15m`, `24h` or `7d`; a bare number counts seconds.
    static func parseDuration(_ text: String) -> UInt64? {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        var digits = text[...]
        var unit: UInt64 = 1
        if let last = text.last, let found = units[last] {
            digits.removeLast()
            unit = found
        }
        guard (1...9).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = UInt64(digits)
        else { return nil }
        return count * unit * 1000
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

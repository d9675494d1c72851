internal import Foundation

/// The wall clock.
package enum UnixClock {
    /// Milliseconds since 1970.
    package static var milliseconds: UInt64 { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) }
}

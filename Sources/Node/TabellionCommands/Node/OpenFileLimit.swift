internal import Glibc

/// How many files and connections a process may have open.
///
/// A process without room for another file cannot write its store, and a node that cannot write signs nothing: so the
/// room for all that may be open is there from the start, or the node does not start.
package enum OpenFileLimit {
    /// What is open beside connections to peers: 100 tables of the store and what it writes, the control socket and
    /// metrics with their 48 connections, listeners, event loops, and attempts to connect.
    package static let fileCountBesideConnections = 256

    /// Raises the process's limit to what the system lets it have.
    ///
    /// - Parameter connectionCountMax: Connections to peers at a time.
    /// - Throws: `CommandFailure` when that is not enough.
    package static func raise(forConnections connectionCountMax: Int) throws {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // A system that refuses leaves the limit as it was, which is then what counts.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        if let failure = shortage(of: UInt64(limit.rlim_cur), forConnections: connectionCountMax) { throw failure }
    }

    /// Why a limit is too low, and what to do; nil if it is not.
    package static func shortage(of limit: UInt64, forConnections connectionCountMax: Int) -> CommandFailure? {
        let needed = UInt64(connectionCountMax + fileCountBesideConnections)
        guard limit < needed else { return nil }
        return CommandFailure(
            .configurationInvalid,
            "this process may open \(limit) files, and \(connectionCountMax) connections to peers and the store take "
                + "\(needed)",
            advice: "Raise the limit (ulimit -Hn \(needed); for systemd LimitNOFILE=\(needed)), or allow fewer "
                + "sessions or connections."
        )
    }
}

internal import ArgumentParser
internal import MPCTLS

/// What the sessions to be measured look like.
package struct BenchSessionOptions: ParsableArguments {
    /// What the notary learns of the plaintext.
    enum Disclosure: String, ExpressibleByArgument, CaseIterable {
        /// Everything but one byte in each direction, which stays hidden.
        case redacted
        /// Everything, by opening both keys.
        case whole
        /// Nothing.
        case none
    }

    /// Which parts are committed to.
    enum Commit: String, ExpressibleByArgument, CaseIterable {
        case none, selected, all
    }

    @Option(
        name: .long,
        help: ArgumentHelp("Where the web server of scripts/demo-server listens.", valueName: "host:port")
    )
    var connect: String

    @Option(name: .long, help: ArgumentHelp("PEM file of the web server's certificate authority.", valueName: "file"))
    var ca: String

    @Option(name: .long, help: ArgumentHelp("Bytes of request.", valueName: "count"))
    var sent = 1024

    @Option(name: .long, help: ArgumentHelp("Bytes of response, HTTP head included.", valueName: "count"))
    var received = 2048

    @Option(name: .long, help: "What is disclosed: all but one byte a direction, everything, or nothing.")
    var disclose = Disclosure.redacted

    @Option(
        name: .long,
        help:
            "What is committed to: nothing, the hidden byte, or every part (takes a whole page: a power of two and its head)."
    )
    var commit = Commit.none

    @Flag(
        name: .long,
        help: "Build the circuits before the clock starts, as a second session in one process finds them."
    )
    var warm = false

    /// Creates the options with nothing parsed.
    package init() {}

    /// Refuses what no session can do.
    package func validate() throws {
        guard (1...SessionParameters.maxSentLimit).contains(sent) else {
            throw ValidationError("--sent is 1 to \(SessionParameters.maxSentLimit)")
        }
        guard (1...(1 << 21)).contains(received) else { throw ValidationError("--received is 1 to \(1 << 21)") }
        guard endpoint != nil else { throw ValidationError("--connect is host:port") }
        guard disclose != .whole || commit == .none else {
            throw ValidationError("what is disclosed whole is not committed to")
        }
    }

    /// The server's host and port.
    var endpoint: (host: String, port: UInt16)? {
        guard let colon = connect.lastIndex(of: ":"), let port = UInt16(connect[connect.index(after: colon)...]) else {
            return nil
        }
        return (String(connect[..<colon]), port)
    }

    /// The options as arguments of another process.
    var arguments: [String] {
        [
            "--connect", connect, "--ca", ca, "--sent", "\(sent)", "--received", "\(received)",
            "--disclose", disclose.rawValue, "--commit", commit.rawValue,
        ] + (warm ? ["--warm"] : [])
    }
}

internal import Foundation
internal import MPCTLS
internal import NodeRuntime

/// Shows the phases of a session on standard error, one line each.
final class ProgressPrinter {
    private let environment: CommandEnvironment
    private let isQuiet: Bool
    private var started = ContinuousClock.now
    private var current: SessionPhase?

    init(environment: CommandEnvironment, isQuiet: Bool) {
        self.environment = environment
        self.isQuiet = isQuiet
    }

    /// Ends the line of the last phase and starts the next one.
    func enter(_ phase: SessionPhase, _ meter: SessionMeter) {
        finish(meter)
        current = phase
        started = .now
        if !isQuiet, environment.isInteractive { environment.writeError("  \(Self.title(phase)) …") }
    }

    /// Says something beside the phases, such as which node did not answer; what was begun is given up.
    func note(_ text: String) {
        guard !isQuiet else { return }
        environment.writeError(
            (environment.isInteractive && current != nil ? "\n" : "") + "  \(PlainText.oneLine(text))\n"
        )
        current = nil
    }

    /// Ends the line of the running phase.
    func finish(_ meter: SessionMeter) {
        guard let current, !isQuiet else { return }
        let usage = meter.usage[current] ?? SessionMeter.Usage()
        let milliseconds = (ContinuousClock.now - started) / .milliseconds(1)
        let line =
            "  \(Self.title(current).padding(toLength: 12, withPad: " ", startingAt: 0))"
            + "\(Self.size(usage.bytesOut)) sent, \(Self.size(usage.bytesIn)) received, "
            + "\(Int(milliseconds)) ms"
        environment.writeError((environment.isInteractive ? "\r" : "") + line + "\n")
        self.current = nil
    }

    private static func title(_ phase: SessionPhase) -> String {
        switch phase {
        case .setup: "Setup"
        case .garbling: "Garbling"
        case .handshake: "Handshake"
        case .request: "Request"
        case .response: "Response"
        case .proof: "Proof"
        }
    }

    private static func size(_ byteCount: Int) -> String {
        switch byteCount {
        case ..<1000: "\(byteCount) B"
        case ..<1_000_000: String(format: "%.1f kB", Double(byteCount) / 1000)
        default: String(format: "%.1f MB", Double(byteCount) / 1_000_000)
        }
    }
}

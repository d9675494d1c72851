internal import Glibc

/// Says on which input a process died: a trap leaves no other trace of it.
///
/// For one thread at a time.
package enum FuzzDeath {
    nonisolated(unsafe) private static let note = UnsafeMutablePointer<UInt8>.allocate(capacity: noteByteCount)
    nonisolated(unsafe) private static var noteCount = 0
    private static let noteByteCount = 64 << 10

    /// From now on, signals that end the process are preceded by a line with the input.
    package static func watch() {
        for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in
                // Only what a signal handler may do: the line was made before.
                _ = write(STDERR_FILENO, FuzzDeath.note, FuzzDeath.noteCount)
                _ = Glibc.signal(signal, SIG_DFL)
                raise(signal)
            }
            sigaction(signal, &action, nil)
        }
    }

    /// The input that is tried next.
    package static func prepare(_ format: FuzzFormat, _ bytes: [UInt8]) {
        let line = "fuzz: the process died; scripts/fuzz \(format.rawValue) --replay \(FuzzDeath.replayable(bytes))\n"
        noteCount = 0
        for byte in line.utf8.prefix(noteByteCount) {
            note[noteCount] = byte
            noteCount += 1
        }
    }

    /// The input as an argument of `--replay`.
    package static func replayable(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = Array("hex:".utf8)
        for byte in bytes {
            for digit in [byte >> 4, byte & 15] { text.append(digit < 10 ? 0x30 + digit : 0x57 + digit) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

internal import Glibc

/// The terminal that controls this process.
enum Terminal {
    /// The most bytes of a passphrase.
    static let passphraseByteCountMax = 1024

    /// Asks for a passphrase on the controlling terminal with its echo switched off; nil without a terminal.
    static func askPassphrase(_ prompt: String) -> [UInt8]? {
        let terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0 else { return nil }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { return nil }
        defer { _ = tcsetattr(terminal, TCSAFLUSH, &settings) }
        put(prompt, to: terminal)
        defer { put("\n", to: terminal) }
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(terminal, &byte, 1) == 1, byte != 0x0a, byte != 0x0d {
            guard line.count < passphraseByteCountMax else { return nil }
            line.append(byte)
        }
        return line
    }

    private static func put(_ text: String, to terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = write(terminal, bytes, bytes.count)
    }
}

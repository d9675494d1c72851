internal import Glibc

/// The output streams of this process, written so that no failure ends it.
enum ProcessStreams {
    /// Writes all of `text`; gives 0, or the number of the error that kept the rest from being written.
    static func write(_ text: String, to descriptor: Int32) -> Int32 {
        Array(text.utf8).withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { return errno }
                done += count
            }
            return 0
        }
    }

    /// Makes writing to a closed pipe, or beyond a limit on file sizes, an error rather than the end of the process.
    static func ignoreSignals() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }
}

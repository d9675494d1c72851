internal import CoreFoundation
internal import Glibc

/// Reads whole files with a limit.
package enum InputFile {
    /// The bytes of the file at `path`, or of standard input if it is `-`.
    ///
    /// - Throws: `CommandFailure` with `.inputUnreadable`, or `.inputMalformed` if there are more than `limit` bytes.
    package static func read(_ path: String, limit: Int) throws -> [UInt8] {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure.unreadable(path, errno) }
        defer { close(descriptor) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure.unreadable(path, errno) }
            guard count > 0 else { return result }
            guard result.count + count <= limit else {
                throw CommandFailure(.inputMalformed, "\(path) has more than \(limit) bytes, more than it should")
            }
            result.append(contentsOf: buffer[..<count])
        }
    }

    /// Whether both paths name the same existing file, so that writing one would destroy the other.
    package static func areSame(_ path: String, _ other: String) -> Bool {
        var left = stat()
        var right = stat()
        guard stat(path, &left) == 0, stat(other, &right) == 0 else { return false }
        return left.st_dev == right.st_dev && left.st_ino == right.st_ino
    }

    /// Whether others than its owner may read the file at `path`.
    package static func isReadableByOthers(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & 0o077 != 0
    }
}

internal import CoreFoundation
internal import Glibc

/// A result that is complete on disk under a temporary name, waiting to get its final one.
///
/// The bytes go to a new file in the directory of the final name and are flushed to the disk; `commit` then renames
/// it. So whoever looks under the final name sees the old content or the whole new one, never a part. Results that
/// belong together are staged first and committed afterwards. A file that is neither committed nor discarded
/// explicitly is discarded when the value goes away.
package struct StagedFile: ~Copyable {
    /// Who may read the result.
    package enum Access: Sendable {
        /// Only the owner: mode 0600.
        case secret
        /// Everybody whom the process's umask lets.
        case ordinary
    }

    /// The system call that writes; tests replace it to see a full disk.
    package typealias Write = (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int

    private let path: String
    /// Nil if the bytes went straight to a device or pipe.
    private var temporary: String?
    private let overwrites: Bool

    /// Writes `bytes` beside `path`.
    ///
    /// - Throws: `CommandFailure` with `.outputUnwritable`; nothing is left behind then.
    package init(
        _ path: String,
        bytes: [UInt8],
        access: Access,
        overwrites: Bool,
        write: Write = { Glibc.write($0, $1.baseAddress, $1.count) }
    ) throws {
        self.path = path
        self.overwrites = overwrites
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT != S_IFDIR else { throw FileFailure.unwritable(path, EISDIR) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                // A device or pipe must not be replaced by a file of the same name.
                temporary = nil
                let descriptor = open(path, O_WRONLY | O_CLOEXEC)
                guard descriptor >= 0 else { throw FileFailure.unwritable(path, errno) }
                defer { close(descriptor) }
                let failure = Self.writeAll(descriptor, bytes, write)
                guard failure == 0 else { throw FileFailure.unwritable(path, failure) }
                return
            }
            guard overwrites else { throw FileFailure.exists(path) }
        }
        let (descriptor, name) = try Self.create(beside: path, mode: access == .secret ? 0o600 : 0o666)
        temporary = name
        var failure = Self.writeAll(descriptor, bytes, write)
        if failure == 0, fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0, failure == 0 { failure = errno }
        guard failure == 0 else {
            unlink(name)
            throw FileFailure.unwritable(path, failure)
        }
    }

    /// Gives the file its final name.
    ///
    /// - Throws: `CommandFailure` with `.outputUnwritable`, also if the name is taken by now and is not overwritten.
    package consuming func commit() throws {
        guard let temporary else { return }
        if overwrites {
            guard rename(temporary, path) == 0 else { throw FileFailure.unwritable(path, errno) }
            self.temporary = nil
        } else {
            // A hard link fails if the name exists; a rename would replace what is there.
            guard link(temporary, path) == 0 else {
                throw errno == EEXIST ? FileFailure.exists(path) : FileFailure.unwritable(path, errno)
            }
        }
        Self.flushDirectory(of: path)
    }

    deinit {
        // After a hard link the temporary name is the second one of the result.
        if let temporary { unlink(temporary) }
    }

    /// Writes `bytes` under the final name in one go.
    package static func write(_ path: String, bytes: [UInt8], access: Access, overwrites: Bool) throws {
        try StagedFile(path, bytes: bytes, access: access, overwrites: overwrites).commit()
    }

    /// Gives two files their final names, or neither.
    ///
    /// What stood under the first name is kept under a hidden one until the second file has its name, and comes back if
    /// it cannot get it. Two names cannot change in one step: a crash between them leaves the new first file beside the
    /// old second one, with the kept file as `.NAME.….kept` beside both.
    ///
    /// - Throws: `CommandFailure` with `.outputUnwritable`; then both names are as they were.
    package static func commit(_ first: consuming StagedFile, then second: consuming StagedFile) throws {
        let path = first.path
        let kept = first.overwrites ? try keep(path) : nil
        do {
            try first.commit()
        } catch {
            if let kept { restore(kept, as: path) }
            throw error
        }
        do {
            try second.commit()
        } catch {
            if let kept { restore(kept, as: path) } else { discard(path) }
            throw error
        }
        if let kept { unlink(kept) }
    }

    /// Gives the file at `path`, if there is one, a second, hidden name.
    private static func keep(_ path: String) throws -> String? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let name = hiddenName(beside: path, suffix: "kept")
        // A file system without hard links has the file under one name at a time.
        guard link(path, name) == 0 || rename(path, name) == 0 else { throw FileFailure.unwritable(path, errno) }
        return name
    }

    private static func restore(_ kept: String, as path: String) {
        rename(kept, path)
        // Of two names of one file a rename removes neither.
        unlink(kept)
        flushDirectory(of: path)
    }

    /// Takes back a file that was committed before the one that belongs to it could not be.
    private static func discard(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        unlink(path)
        flushDirectory(of: path)
    }

    /// Refuses early if a result could not be written later: a missing directory, no permission, a name that is taken.
    package static func checkWritable(_ path: String, overwrites: Bool) throws {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR { return }
        _ = try StagedFile(path, bytes: [], access: .secret, overwrites: overwrites)
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A random hidden name in the directory of `path`.
    private static func hiddenName(beside path: String, suffix: String) -> String {
        let last = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
        let tag = String(UInt64.random(in: .min ... .max), radix: 36)
        return "\(directory(of: path))/.\(last.prefix(64)).\(tag).\(suffix)"
    }

    /// A new file with a random hidden name in the directory of `path`.
    private static func create(beside path: String, mode: mode_t) throws -> (descriptor: Int32, name: String) {
        for _ in 0..<16 {
            let name = hiddenName(beside: path, suffix: "part")
            let descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
            if descriptor >= 0 {
                // The umask could have taken rights away from a secret's owner, never added any for others.
                if mode == 0o600 { fchmod(descriptor, mode) }
                return (descriptor, name)
            }
            guard errno == EEXIST else { break }
        }
        throw FileFailure.unwritable(path, errno)
    }

    /// Writes everything; gives 0 or the error number.
    private static func writeAll(_ descriptor: Int32, _ bytes: [UInt8], _ write: Write) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = write(descriptor, UnsafeRawBufferPointer(rebasing: buffer[done...]))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count == 0 ? EIO : errno }
                done += count
            }
            return 0
        }
    }

    /// Makes the new name survive a power failure; a file system that cannot is no reason to fail.
    private static func flushDirectory(of path: String) {
        let descriptor = open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

internal import Glibc
internal import KeyValueStorage

/// Keeps a store's folder to one opener, in this process or another, until it is released or the process ends.
///
/// `@unchecked Sendable`: only `release` changes anything; the owner calls it once, after everything else.
final class DirectoryLock: @unchecked Sendable {
    static let name = "LOCK"
    private var descriptor: Int32

    /// Takes the lock without waiting.
    init(_ folder: String) throws(StorageError) {
        let path = folder + "/" + Self.name
        let descriptor = try FileCalls.open(path, O_RDWR | O_CREAT)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error: StorageError =
                errno == EWOULDBLOCK
                ? .locked(path: folder, holder: Self.holder(descriptor)) : FileCalls.failure(path)
            Glibc.close(descriptor)
            throw error
        }
        // Only for messages; a full disk does not matter here.
        let holder = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, holder, holder.count, 0) }
        self.descriptor = descriptor
    }

    deinit {
        release()
    }

    /// Lets others in.
    func release() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}

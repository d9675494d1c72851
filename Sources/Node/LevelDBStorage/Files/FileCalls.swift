internal import Glibc
internal import KeyValueStorage

/// The file system calls that the store needs, with errors that name the path.
enum FileCalls {
    /// Most bytes of a log or manifest that is read before opening.
    static let readByteCountMax = 256 << 20

    /// The names in a folder, sorted; `nil` if there is no such folder.
    static func names(in folder: String) throws(StorageError) -> [String]? {
        guard let stream = opendir(folder) else {
            if errno == ENOENT { return nil }
            throw failure(folder)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw failure(folder) }
                return names.sorted()
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// Whether there is such a folder, which may be entered.
    static func isFolder(_ path: String) -> Bool { access(path + "/.", F_OK) == 0 }

    /// Makes a folder that only its owner may enter.
    static func makeFolder(_ path: String) throws(StorageError) {
        guard mkdir(path, 0o700) == 0 else { throw failure(path) }
    }

    /// All bytes of a file.
    static func read(_ path: String) throws(StorageError) -> [UInt8] {
        let descriptor = try open(path, O_RDONLY)
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= readByteCountMax else {
                throw .environment(path: path, detail: "longer than \(readByteCountMax) bytes")
            }
            bytes += chunk[..<count]
        }
    }

    /// Makes or replaces a file, and waits until the disk has its content.
    static func write(_ bytes: [UInt8], to path: String) throws(StorageError) {
        let descriptor = try open(path, O_WRONLY | O_CREAT | O_TRUNC)
        defer { Glibc.close(descriptor) }
        var left = bytes[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            left = left.dropFirst(count)
        }
        guard fdatasync(descriptor) == 0 else { throw failure(path) }
    }

    /// Waits until the disk has a file's content, or a folder's names.
    static func sync(_ path: String) throws(StorageError) {
        let descriptor = try open(path, O_RDONLY)
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    /// Opens a file; the descriptor is the caller's to close.
    static func open(_ path: String, _ flags: Int32) throws(StorageError) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        return descriptor
    }

    /// The bytes of a file; `nil` if there is no such file.
    static func byteCount(of path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    static func move(_ path: String, to target: String) throws(StorageError) {
        guard rename(path, target) == 0 else { throw failure(path) }
    }

    /// Gives a file a second name.
    static func link(_ path: String, as target: String) throws(StorageError) {
        guard Glibc.link(path, target) == 0 else { throw failure(path) }
    }

    /// Removes a file if it is there.
    static func removeFile(_ path: String) throws(StorageError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure(path) }
    }

    /// Removes a folder of files if it is there.
    static func removeFolder(_ path: String) throws(StorageError) {
        guard let names = try names(in: path) else { return }
        for name in names { try removeFile(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw failure(path) }
    }

    /// The error of the last call.
    static func failure(_ path: String) -> StorageError {
        switch errno {
        case ENOSPC, EDQUOT, EFBIG: .diskFull(path: path)
        case let number: .environment(path: path, detail: String(cString: strerror(number)))
        }
    }
}

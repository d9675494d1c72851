internal import Glibc

/// Turns the error number of a system call into a failure that names the file and says what to do.
enum FileFailure {
    static func unreadable(_ path: String, _ number: Int32) -> CommandFailure {
        CommandFailure(.inputUnreadable, "cannot read \(path): \(reason(number))")
    }

    static func unwritable(_ path: String, _ number: Int32) -> CommandFailure {
        let advice: String? =
            switch number {
            case ENOSPC, EDQUOT, EFBIG: "Nothing was written under this name; make room and try again."
            case ENOENT: "The directory does not exist."
            default: nil
            }
        return CommandFailure(.outputUnwritable, "cannot write \(path): \(reason(number))", advice: advice)
    }

    static func exists(_ path: String) -> CommandFailure {
        CommandFailure(
            .outputUnwritable,
            "\(path) exists already and is not overwritten",
            advice: "Choose another name, or move the file away first."
        )
    }

    private static func reason(_ number: Int32) -> String {
        switch number {
        case ENOSPC: "the disk is full"
        case EDQUOT: "the disk quota is used up"
        case EFBIG: "the file would be larger than this process may write"
        case ENOENT: "no such file or directory"
        case EACCES, EPERM: "permission denied"
        case EROFS: "the file system is read-only"
        case EISDIR: "it is a directory"
        default: String(cString: strerror(number))
        }
    }
}

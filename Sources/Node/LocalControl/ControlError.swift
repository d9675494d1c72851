/// Why a node on this machine could not be asked, or could not be made askable.
package enum ControlError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nothing listens at the path.
    case notRunning(path: String)
    /// Another process listens at the path.
    case taken(path: String)
    /// The path is too long for a socket, or something that is no socket is there.
    case unusable(path: String, String)
    /// This process's user may not use the socket.
    case forbidden(path: String)
    /// The operating system refused.
    case system(path: String, String)
    /// A message that is not of this protocol.
    case malformed(String)
    /// The node refused the request: why, the exit status that the command should have, and what to do about it.
    case refused(String, status: Int32? = nil, advice: String? = nil)
    /// The node ended before its answer did.
    case interrupted

    package var description: String {
        switch self {
        case .notRunning(let path): "no node is running with the control socket \(path)"
        case .taken(let path): "another process answers at \(path); one node at a time uses a folder"
        case .unusable(let path, let why): "\(path) cannot be the control socket: \(why)"
        case .forbidden(let path): "this user may not use the control socket \(path)"
        case .system(let path, let why): "the control socket \(path) is out of reach: \(why)"
        case .malformed(let what): "the other side of the control socket does not speak this protocol: \(what)"
        case .refused(let why, _, _): why
        case .interrupted: "the node ended before it had answered"
        }
    }
}

package import Attestations

/// Why a network's file is refused; whoever wrote it must correct it.
package enum NetworkFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It is no YAML mapping with what a network needs.
    case malformed(String)
    /// It has a key that nothing reads, probably a spelling mistake.
    case unknownKey(String, known: [String])
    /// A value that is not allowed, and what is.
    case value(String, String)
    /// The genesis is not that of the id that the file states.
    case otherID(stated: String, computed: NetworkID)

    package var description: String {
        switch self {
        case .malformed(let what): "the network file is malformed: \(what)"
        case .unknownKey(let key, let known):
            "the network file has the unknown key \"\(key)\"; known are \(known.joined(separator: ", "))"
        case .value(let key, let allowed): "\(key) of the network file must be \(allowed)"
        case .otherID(let stated, let computed):
            "the network file says id \(stated.prefix(80)), but its genesis has \(computed): one of them was changed"
        }
    }
}

/// How a `tabellion` process ends: every kind of failure has its own number, which never changes its meaning.
package enum ExitStatus: Int32, Sendable, Hashable, CaseIterable {
    /// All went well.
    case success = 0
    /// A failure that none of the others describes: a bug, or an environment nobody thought of.
    case failure = 1
    /// An input file is missing or cannot be read.
    case inputUnreadable = 10
    /// A result cannot be written: no space, no permission, or the file exists already.
    case outputUnwritable = 11
    /// An input file is not what it should be: no attestation, no presentation, no configuration.
    case inputMalformed = 12
    /// A key file is malformed or its passphrase is wrong.
    case keyUnusable = 13
    /// The notary's signature does not fit the attestation.
    case signatureInvalid = 20
    /// Disclosed bytes do not fit what the notary signed.
    case disclosureInvalid = 21
    /// The attestation is genuine, but its notary is not among the trusted ones.
    case notaryUntrusted = 22
    /// The certificate chain, host name or validity of the server's certificate was refused.
    case serverIdentityInvalid = 23
    /// The attestation has expired, is older than allowed, or is from the future.
    case attestationExpired = 24
    /// The attestation is for another owner or context than required.
    case contextMismatch = 25
    /// Who the server was is only committed to, and the presentation does not open it.
    case serverIdentityUndisclosed = 26
    /// The transcript is a prefix of what the server sent, and all of it was required.
    case transcriptIncomplete = 27
    /// A selector matches nothing, or names bytes that cannot be disclosed.
    case selectionInvalid = 30
    /// The server cannot be reached.
    case serverUnreachable = 40
    /// The server refused the TLS version or suite, or broke the TLS protocol.
    case serverTLSFailure = 41
    /// The server answered with an HTTP error status.
    case serverHTTPError = 42
    /// The server's answer is no unambiguous HTTP message.
    case serverHTTPMalformed = 43
    /// The server sent more than the session allows.
    case serverResponseTooLarge = 44
    /// The server took longer than the session allows.
    case serverTimeout = 45
    /// The server closed the connection too early.
    case serverGone = 46
    /// The notary cannot be reached, or is not who the address says.
    case notaryUnreachable = 50
    /// The notary refused the session by its policy or for lack of room.
    case notaryRefused = 51
    /// The notary went away during the session.
    case notaryGone = 52
    /// The notary broke the protocol; nothing that it signed should be used.
    case notaryMisbehaved = 53
    /// The configuration of a node is invalid.
    case configurationInvalid = 60
    /// A node cannot listen on its address.
    case listenFailed = 61
    /// The store of a node is missing, damaged, newer, of another network, in use, or its disk failed.
    case storeUnusable = 62
    /// No node runs where the command looked for one.
    case nodeNotRunning = 63
    /// The command line is wrong.
    case usage = 64

    /// The name that machine-readable output uses, such as `notary-untrusted`.
    package var name: String {
        let letters = Array(String(describing: self))
        var name = ""
        for (index, letter) in letters.enumerated() {
            // A word begins at a capital after a small letter, and at the last capital before a small letter.
            let beginsWord =
                index > 0 && letter.isUppercase
                && (letters[index - 1].isLowercase || (index + 1 < letters.count && letters[index + 1].isLowercase))
            name += (beginsWord ? "-" : "") + letter.lowercased()
        }
        return name
    }

    /// What the number means, in a few words.
    package var summary: String {
        switch self {
        case .success: "all went well"
        case .failure: "another failure"
        case .inputUnreadable: "an input file is missing or cannot be read"
        case .outputUnwritable: "a result cannot be written (no space, no permission, file exists)"
        case .inputMalformed: "an input file is not what it should be"
        case .keyUnusable: "the key file is malformed or the passphrase wrong"
        case .signatureInvalid: "the notary's signature does not fit the attestation"
        case .disclosureInvalid: "disclosed bytes do not fit what the notary signed"
        case .notaryUntrusted: "the notary is not among the trusted ones"
        case .serverIdentityInvalid: "the server's certificate was refused"
        case .attestationExpired: "the attestation has expired, is too old, or is from the future"
        case .contextMismatch: "the attestation is for another owner or context"
        case .serverIdentityUndisclosed: "who the server was is not disclosed"
        case .transcriptIncomplete: "the transcript is only a prefix of what the server sent"
        case .selectionInvalid: "a selector matches nothing, or bytes that cannot be disclosed"
        case .serverUnreachable: "the server cannot be reached"
        case .serverTLSFailure: "TLS with the server failed (version, suite, protocol)"
        case .serverHTTPError: "the server answered with an HTTP error status"
        case .serverHTTPMalformed: "the server's answer is no unambiguous HTTP message"
        case .serverResponseTooLarge: "the server sent more than the session allows"
        case .serverTimeout: "the server took too long"
        case .serverGone: "the server closed the connection too early"
        case .notaryUnreachable: "the notary cannot be reached, or is another than named"
        case .notaryRefused: "the notary refused the session"
        case .notaryGone: "the notary went away during the session"
        case .notaryMisbehaved: "the notary broke the protocol"
        case .configurationInvalid: "the node's configuration is invalid"
        case .listenFailed: "the node cannot listen on its address"
        case .storeUnusable: "the node's store cannot be used"
        case .nodeNotRunning: "no node is running there"
        case .usage: "the command line is wrong"
        }
    }

    /// All numbers with their meaning, one line each, for the help.
    package static var table: String {
        allCases.map { status in
            let number = String(status.rawValue)
            return String(repeating: " ", count: 4 - number.count) + number + "  " + status.summary
        }.joined(separator: "\n")
    }
}

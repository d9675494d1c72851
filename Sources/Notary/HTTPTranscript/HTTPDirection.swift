/// One of the two byte streams of a TLS connection, as the client sees it.
package enum HTTPDirection: String, Sendable, Hashable, CaseIterable {
    /// What the client sent: the HTTP request.
    case sent
    /// What the server answered: the HTTP response.
    case received

    /// The first word of selectors and labels that concern this direction: `request` or `response`.
    package var messageName: String {
        switch self {
        case .sent: "request"
        case .received: "response"
        }
    }
}

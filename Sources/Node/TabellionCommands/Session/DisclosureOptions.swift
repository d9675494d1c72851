internal import ArgumentParser
internal import HTTPTranscript

/// What of the transcript is shown to the notary, and what is committed to.
package struct DisclosureOptions: ParsableArguments {
    /// Which parts get a commitment.
    enum Commit: String, ExpressibleByArgument, CaseIterable {
        case all, selected, auto
    }

    @Option(
        name: .long,
        parsing: .upToNextOption,
        help: ArgumentHelp(
            """
            Disclose this in the attestation: response.json:$.path, response.header:name, response.status, \
            response.body, response.bytes:from-to, request.…, sent, received.
            """,
            valueName: "selector"
        )
    )
    var reveal: [String] = []

    @Option(
        name: .long,
        parsing: .upToNextOption,
        help: ArgumentHelp("Disclose everything in this direction but this.", valueName: "selector")
    )
    var redact: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Commit to all parts, to selected ones, or to all up to 16 KB.",
            valueName: "all|selected|auto"
        )
    )
    var commit = Commit.auto

    /// Creates the options with nothing parsed.
    package init() {}

    /// Refuses selectors that cannot be read.
    package func validate() throws { _ = try request() }

    /// The options as a request.
    func request() throws -> DisclosureRequest {
        let policy: DisclosureRequest.CommitPolicy =
            switch commit {
            case .all: .all
            case .selected: .selected
            case .auto: .automatic
            }
        return DisclosureRequest(
            reveal: try SelectorArguments.parse(reveal),
            redact: try SelectorArguments.parse(redact),
            policy: policy
        )
    }
}

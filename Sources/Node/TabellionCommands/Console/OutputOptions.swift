internal import ArgumentParser

/// Options that every command has.
package struct OutputOptions: ParsableArguments {
    /// Whether the result is written as JSON.
    @Flag(name: .long, help: "Write the result to standard output as one JSON object.")
    package var json = false

    /// Creates the options with their defaults.
    package init() {}
}

internal import ArgumentParser

/// Where a node's files are.
package struct DataOptions: ParsableArguments {
    /// The folder that init made.
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The node's folder, made by init; by default \(DataFolder.defaultPath).",
            valueName: "folder"
        )
    )
    package var data = DataFolder.defaultPath

    /// Creates the options with their defaults.
    package init() {}

    var folder: DataFolder { DataFolder(path: data) }
}

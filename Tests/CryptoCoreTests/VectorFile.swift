import Foundation

/// A file of `Vectors`: one test a line, fields separated by spaces, `#` starts a comment line.
struct VectorFile {
    /// The fields of every test.
    let tests: [[String]]

    /// Reads `Vectors/<name>` beside this source file.
    init(_ name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors")
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        tests = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            line.split(separator: " ").map(String.init)
        }
    }

    /// The bytes of a hexadecimal field, in which `-` stands for none.
    static func bytes(_ field: String) -> [UInt8] {
        field == "-" ? [] : hex(field)
    }
}

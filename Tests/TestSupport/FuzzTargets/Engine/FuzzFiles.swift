internal import Foundation

/// Inputs in files: the corpus, and what a fuzzer found.
package enum FuzzFiles {
    /// The files of a folder in the order of their names.
    package static func inputs(in folder: String) throws -> [(name: String, bytes: [UInt8])] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted().filter { !$0.hasPrefix(".") }.map { name in
            (name, Array(try Data(contentsOf: URL(filePath: folder).appending(path: name))))
        }
    }

    /// A file's bytes; or, of `hex:…`, the bytes that stand there.
    package static func input(_ place: String) throws -> [UInt8] {
        guard place.hasPrefix("hex:") else { return Array(try Data(contentsOf: URL(filePath: place))) }
        let digits = Array(place.utf8.dropFirst(4))
        return try stride(from: 0, to: digits.count, by: 2).map { start in
            let pair = String(decoding: digits[start...].prefix(2), as: UTF8.self)
            guard pair.count == 2, let byte = UInt8(pair, radix: 16) else { throw FuzzFailure("\(pair) is no byte") }
            return byte
        }
    }

    /// Writes inputs into a folder, each under a name that depends on its bytes.
    package static func write(_ inputs: [[UInt8]], to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for input in inputs {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for byte in input { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            let name = String(hash, radix: 16)
            try Data(input).write(to: URL(filePath: folder).appending(path: name))
        }
    }
}

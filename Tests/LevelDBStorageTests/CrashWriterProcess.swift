import Foundation
import KeyValueStorage
import StoreContract

/// A running crash writer, and what it has said.
///
/// `@unchecked Sendable`: `output` is written by one thread, and read after that thread signalled its end.
final class CrashWriterProcess: @unchecked Sendable {
    private let process = Process()
    private let finished = DispatchSemaphore(value: 0)
    private let firstLine = DispatchSemaphore(value: 0)
    private var output = Data()

    init(_ folder: String, _ mode: String, seed: UInt64, environment: [String: String] = [:]) throws {
        // The writer is built beside the tests.
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let executable = (tests as NSString).deletingLastPathComponent + "/store-crash-writer"
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw ContractBreach(description: "there is no \(executable)")
        }
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = [folder, mode, String(seed)]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let reader = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in
            while case let chunk = reader.availableData, !chunk.isEmpty {
                if output.isEmpty { firstLine.signal() }
                output.append(chunk)
            }
            firstLine.signal()
            finished.signal()
        }
    }

    var processNumber: Int32 { process.processIdentifier }

    /// Waits until the writer has said something, or ended.
    func waitForFirstLine() {
        firstLine.wait()
    }

    /// Kills the writer if it still runs (kill -9), and returns all lines that it said.
    func kill() -> [[Substring]] {
        Foundation.kill(process.processIdentifier, SIGKILL)
        return lines()
    }

    /// Waits for the writer's end, and returns all lines that it said.
    func lines() -> [[Substring]] {
        finished.wait()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map { $0.split(separator: " ") }
    }
}

/// What a crash writer was promised in all its runs, to be compared with what the store has.
struct CrashPromises {
    private(set) var acknowledged: [UInt32: UInt64] = [:]
    private(set) var signed: [UInt64: UInt64] = [:]

    /// Takes the lines of one run; a slot that was signed twice, and a failed run, are breaches.
    mutating func take(_ lines: [[Substring]]) throws {
        for line in lines {
            switch (line.first, line.count) {
            case ("ack", 3):
                guard let writer = UInt32(line[1]), let number = UInt64(line[2]) else { continue }
                acknowledged[writer] = number
            case ("signed", 3):
                guard let slot = UInt64(line[1]), let nonce = UInt64(line[2]) else { continue }
                guard signed.updateValue(nonce, forKey: slot) == nil else {
                    throw ContractBreach(description: "slot \(slot) was signed twice")
                }
            case ("failed", _): throw ContractBreach(description: line.joined(separator: " "))
            default: break
            }
        }
    }

    /// Throws unless everything that was promised is in the store, and everything in it is whole.
    func verify(_ store: some KeyValueReader) throws {
        for writer in 0..<2 as Range<UInt32> {
            let count = try CrashRecords.verify(writer, in: store)
            guard let last = acknowledged[writer] else { continue }
            guard last < count else {
                throw ContractBreach(description: "writer \(writer) lost acknowledged batches \(count)...\(last)")
            }
        }
        for (slot, nonce) in signed {
            guard try store.value(in: TestKeyspaces.signatures, for: slot)?.number == nonce else {
                throw ContractBreach(description: "the signature of slot \(slot) is lost")
            }
        }
    }
}

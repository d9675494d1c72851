import KeyValueStorage
import StoreContract

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

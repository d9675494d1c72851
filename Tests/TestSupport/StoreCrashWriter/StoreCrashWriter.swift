import Foundation
import KeyValueStorage
import LevelDBStorage
import StoreContract

/// Writes to a store until it is killed, and says on its output what it was promised; the crash tests check that.
///
///     store-crash-writer FOLDER honest|lazy|forgetful|limited|hold SEED
///
/// `lazy` is honest but syncs rarely, `forgetful` never; `limited` meets a full disk; `hold` writes nothing.
///
/// Lines: `open`, `ack WRITER NUMBER` (all batches of the writer up to NUMBER are synced), `signed SLOT NONCE` (written
/// with sync before it is said), `failed ERROR`.
@main
struct StoreCrashWriter {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let seed = UInt64(arguments[3]) else { exit(64) }
        do throws(StorageError) {
            // Small buffers, so that logs and tables change all the time.
            let store = try LevelDBStore(
                arguments[1],
                layout: TestKeyspaces.layout(),
                create: true,
                configuration: LevelDBConfiguration(writeBufferByteCount: 64 << 10, tableByteCountMax: 1 << 20)
            )
            say("open")
            switch arguments[2] {
            case "hold": while true { sleep(60) }
            case "limited": runUntilFull(store)
            case "lazy": run(store, seed: seed, sync: true, promiseEvery: 200, signingPause: 20_000)
            default: run(store, seed: seed, sync: arguments[2] == "honest", promiseEvery: 3, signingPause: 0)
            }
        } catch {
            say("failed \(error)")
            exit(1)
        }
    }

    /// - Parameters:
    ///   - promiseEvery: How many batches there are on average for one that is acknowledged.
    ///   - signingPause: Microseconds between signatures.
    private static func run(
        _ store: LevelDBStore,
        seed: UInt64,
        sync: Bool,
        promiseEvery: Int,
        signingPause: UInt32
    ) {
        for writer in 0..<2 as Range<UInt32> {
            Thread.detachNewThread {
                do throws(StorageError) {
                    var random = SeededGenerator(seed: seed &* 2 &+ UInt64(writer))
                    var number = try CrashRecords.count(of: writer, in: store)
                    while true {
                        let isPromised = Int.random(in: 0..<promiseEvery, using: &random) == 0
                        try store.write(try CrashRecords.batch(writer, number), sync: isPromised && sync)
                        if isPromised { say("ack \(writer) \(number)") }
                        number += 1
                    }
                } catch {
                    say("failed \(error)")
                    exit(1)
                }
            }
        }
        Thread.detachNewThread {
            do throws(StorageError) {
                var slot = try CrashRecords.nextSlot(in: store)
                while true {
                    let nonce = UInt64.random(in: 0...(.max))
                    var batch = WriteBatch()
                    try batch.put(in: TestKeyspaces.signatures, slot, TestRecord(number: nonce))
                    try store.write(batch, sync: sync)
                    say("signed \(slot) \(nonce)")
                    slot += 1
                    if signingPause > 0 { usleep(signingPause) }
                }
            } catch {
                say("failed \(error)")
                exit(1)
            }
        }
        while true { sleep(60) }
    }

    /// Files of at most 40,000 bytes: a write fails in the middle, as on a full disk.
    private static func runUntilFull(_ store: LevelDBStore) {
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 40_000, rlim_max: rlim_t.max)
        guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(70) }
        limit.rlim_cur = 40_000
        guard setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0 else { exit(70) }
        do throws(StorageError) {
            var number = try CrashRecords.count(of: 0, in: store)
            while true {
                try store.write(try CrashRecords.batch(0, number), sync: true)
                say("ack 0 \(number)")
                number += 1
            }
        } catch {
            say(error == .diskFull(path: store.path) ? "full" : "failed \(error)")
        }
        do throws(StorageError) {
            try store.write(WriteBatch(), sync: true)
            say("failed to stop")
        } catch {
            if case .writesStopped = error { say("stopped") }
        }
        if let page = try? store.records(in: TestKeyspaces.records, limit: ScanLimit(count: 1)), !page.records.isEmpty {
            say("readable")
        }
        exit(0)
    }

    /// One line in one call, so that a kill does not lose a part of it.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(1, bytes, bytes.count)
    }
}

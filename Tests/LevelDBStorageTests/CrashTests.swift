import CrashHarness
import Foundation
import KeyValueStorage
import LevelDBStorage
import StoreContract
import Testing

/// Processes that are killed and disks that forget; `TABELLION_STORE_KILLS` sets the number of rounds, 20 without it.
@Suite("Crashes of the LevelDB store", .serialized)
struct CrashTests {
    private static let rounds =
        ProcessInfo.processInfo.environment["TABELLION_STORE_KILLS"].flatMap(Int.init) ?? 20

    /// After so many rounds a new store begins, because every round reads all of it.
    private static let roundsOfStore = 20

    private let program = "store-crash-writer"

    private func writer(_ path: String, _ mode: String, seed: UInt64) throws -> CrashedProcess {
        try CrashedProcess(program, [path, mode, String(seed)])
    }

    @Test("kill -9 under load loses nothing that was acknowledged, and nothing is signed twice")
    func killed() throws {
        var random = SeededGenerator(seed: 1)
        var signed = 0
        for first in stride(from: 0, to: Self.rounds, by: Self.roundsOfStore) {
            let folder = try TemporaryFolder()
            let path = folder.path + "/store"
            var promises = CrashPromises()
            for round in first..<min(first + Self.roundsOfStore, Self.rounds) {
                let writer = try self.writer(path, "honest", seed: UInt64(round))
                // Every other time from the first write on, otherwise at any moment of starting and opening.
                if round % 2 == 0 { writer.waitForFirstLine() }
                usleep(.random(in: 0..<250_000, using: &random))
                try promises.take(writer.kill())
                let store = try LevelDBStore(path, layout: TestKeyspaces.layout(), create: true)
                #expect(store.recovery == nil)
                try promises.verify(store)
                store.close()
            }
            #expect(promises.acknowledged.count == 2)
            signed += promises.signed.count
        }
        #expect(signed >= Self.rounds)
    }

    /// Once without anything that was not synced, and once with random sectors of it and much to tear.
    @Test(
        "losing what was not synced loses nothing that was acknowledged",
        arguments: [("honest", 0), ("lazy", 1)] as [(String, UInt64)]
    )
    func powerLoss(mode: String, leaking: UInt64) throws {
        var random = SeededGenerator(seed: 2 + leaking)
        var recoveries = 0
        for first in stride(from: 0, to: Self.rounds, by: Self.roundsOfStore) {
            let disk = try ForgetfulDisk()
            var promises = CrashPromises()
            for round in first..<min(first + Self.roundsOfStore, Self.rounds) {
                let leakSeed = leaking * UInt64(7_919 + round)
                let lines = try disk.run(program, [disk.path, mode, String(round)], leaking: leakSeed) { writer in
                    if round % 4 != 3 { writer.waitForFirstLine() }
                    usleep(.random(in: 0..<250_000, using: &random))
                }
                try promises.take(lines)
                let store = try LevelDBStore(disk.path, layout: TestKeyspaces.layout(), create: true)
                if store.recovery != nil { recoveries += 1 }
                try promises.verify(store)
                let check = try store.check()
                #expect(check.isSound)
                store.close()
            }
            #expect(promises.acknowledged.count == 2 && !promises.signed.isEmpty)
        }
        // Torn logs occur if sectors reach the disk on their own, and are repaired without loss.
        if leaking != 0 { #expect(recoveries > 0) }
    }

    @Test("a program that acknowledges without syncing is found out")
    func forgetfulWriter() throws {
        let disk = try ForgetfulDisk()
        var promises = CrashPromises()
        let lines = try disk.run(program, [disk.path, "forgetful", "1"], leaking: 0) { writer in
            writer.waitForFirstLine()
            usleep(100_000)
        }
        try promises.take(lines)
        #expect(!promises.signed.isEmpty)
        let store = try LevelDBStore(disk.path, layout: TestKeyspaces.layout(), create: true)
        #expect(throws: ContractBreach.self) { try promises.verify(store) }
    }

    @Test("a full disk is named, stops writes, and loses nothing")
    func fullDisk() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store"
        for round in 0..<3 as Range<UInt64> {
            let lines = try writer(path, "limited", seed: round).lines()
            #expect(lines.suffix(3).map { $0.joined(separator: " ") } == ["full", "stopped", "readable"])
            var promises = CrashPromises()
            try promises.take(lines)
            #expect(promises.acknowledged[0] != nil)
            let store = try LevelDBStore(path, layout: TestKeyspaces.layout(), create: false)
            try promises.verify(store)
        }
    }

    @Test("a store that another process has open is refused, with its number")
    func otherProcess() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/store"
        let writer = try self.writer(path, "hold", seed: 0)
        writer.waitForFirstLine()
        #expect(throws: StorageError.locked(path: path, holder: writer.processNumber)) {
            try LevelDBStore(path, layout: TestKeyspaces.layout(), create: true)
        }
        _ = writer.kill()
        try LevelDBStore(path, layout: TestKeyspaces.layout(), create: false).close()
    }
}

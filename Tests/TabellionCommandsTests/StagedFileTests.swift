import CoreFoundation
import Glibc
import TabellionCommands
import Testing

@Suite struct StagedFileTests {
    @Test func appearsOnlyWhenCommitted() throws {
        let directory = try ScratchDirectory()
        let staged = try StagedFile(directory.file("a"), bytes: [0x78], access: .secret, overwrites: false)
        #expect(directory.names.count == 1)
        #expect(directory.names != ["a"])
        try staged.commit()
        #expect(directory.names == ["a"])
        #expect(try directory.read("a") == "x")
        #expect(try directory.mode("a") == 0o600)
    }

    @Test func leavesNothingWhenAbandoned() throws {
        let directory = try ScratchDirectory()
        do {
            _ = try StagedFile(directory.file("a"), bytes: [1], access: .ordinary, overwrites: false)
        }
        #expect(directory.names.isEmpty)
        try StagedFile.checkWritable(directory.file("a"), overwrites: false)
        #expect(directory.names.isEmpty)
    }

    @Test func doesNotOverwriteUnlessTold() throws {
        let directory = try ScratchDirectory()
        try directory.write("a", "old")
        #expect(
            status { try StagedFile.write(directory.file("a"), bytes: [1], access: .secret, overwrites: false) }
                == .outputUnwritable
        )
        #expect(try directory.read("a") == "old")
        // Somebody else takes the name between staging and committing.
        let late = try StagedFile(directory.file("b"), bytes: [1], access: .secret, overwrites: false)
        try directory.write("b", "theirs")
        var refused = false
        do { try late.commit() } catch { refused = true }
        #expect(refused)
        #expect(try directory.read("b") == "theirs")
        try StagedFile.write(directory.file("a"), bytes: [0x79], access: .secret, overwrites: true)
        #expect(try directory.read("a") == "y")
        #expect(directory.names == ["a", "b"])
    }

    @Test func aFullDiskLeavesTheOldResult() throws {
        let directory = try ScratchDirectory()
        try directory.write("a", "old")
        let failure = failure {
            _ = try StagedFile(
                directory.file("a"),
                bytes: [UInt8](repeating: 7, count: 1000),
                access: .ordinary,
                overwrites: true,
                write: { descriptor, bytes in
                    // The first bytes still fit.
                    if bytes.count > 900 { return Glibc.write(descriptor, bytes.baseAddress, 100) }
                    errno = ENOSPC
                    return -1
                }
            )
        }
        #expect(failure?.status == .outputUnwritable)
        #expect(failure?.message.contains("the disk is full") == true)
        #expect(directory.names == ["a"])
        #expect(try directory.read("a") == "old")
    }

    /// Stages two files, does something, and commits both.
    private func commit(
        _ names: [String],
        in directory: ScratchDirectory,
        overwrites: Bool,
        _ between: () throws -> Void
    ) throws {
        let first = try StagedFile(directory.file(names[0]), bytes: [0x31], access: .secret, overwrites: overwrites)
        let second = try StagedFile(directory.file(names[1]), bytes: [0x32], access: .ordinary, overwrites: overwrites)
        try between()
        try StagedFile.commit(first, then: second)
    }

    private func makeDirectory(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 else { throw CommandFailure(.failure, "mkdir") }
    }

    @Test(arguments: [false, true])
    func twoFilesAppearTogether(overwrites: Bool) throws {
        let directory = try ScratchDirectory()
        if overwrites {
            try directory.write("a", "old a")
            try directory.write("b", "old b")
        }
        try commit(["a", "b"], in: directory, overwrites: overwrites) {}
        #expect(directory.names == ["a", "b"])
        #expect(try directory.read("a") == "1")
        #expect(try directory.read("b") == "2")
    }

    /// The second name cannot be taken; what stood under the first one comes back.
    @Test func aSecondFileThatCannotAppearTakesTheFirstBack() throws {
        let directory = try ScratchDirectory()
        try directory.write("a", "old a")
        let failure = failure {
            try commit(["a", "b"], in: directory, overwrites: true) {
                // A file cannot replace a directory.
                try makeDirectory(directory.file("b"))
            }
        }
        #expect(failure?.status == .outputUnwritable)
        #expect(directory.names == ["a", "b"])
        #expect(try directory.read("a") == "old a")
        // Without an old file there is none afterwards either.
        #expect(status { try commit(["c", "b"], in: directory, overwrites: true) {} } == .outputUnwritable)
        #expect(directory.names == ["a", "b"])
        #expect(rmdir(directory.file("b")) == 0)
        // Somebody else takes the second name meanwhile.
        #expect(
            status {
                try commit(["c", "b"], in: directory, overwrites: false) { try directory.write("b", "theirs") }
            } == .outputUnwritable
        )
        #expect(directory.names == ["a", "b"])
        #expect(try directory.read("b") == "theirs")
    }

    /// The first name cannot be taken: nothing has changed yet.
    @Test func aFirstFileThatCannotAppearLeavesBothNames() throws {
        let directory = try ScratchDirectory()
        try directory.write("b", "old b")
        #expect(
            status {
                try commit(["a", "b"], in: directory, overwrites: true) { try makeDirectory(directory.file("a")) }
            } == .outputUnwritable
        )
        #expect(directory.names == ["a", "b"])
        #expect(try directory.read("b") == "old b")
    }

    @Test func neverReplacesADevice() throws {
        let full = failure { try StagedFile.write("/dev/full", bytes: [1], access: .secret, overwrites: true) }
        #expect(full?.message.contains("the disk is full") == true)
        try StagedFile.write("/dev/null", bytes: [1], access: .secret, overwrites: true)
        var information = stat()
        #expect(stat("/dev/null", &information) == 0)
        #expect(information.st_mode & S_IFMT == S_IFCHR)
    }

    @Test func namesWhatIsWrong() throws {
        let directory = try ScratchDirectory()
        let missing = failure { try StagedFile.checkWritable(directory.file("no/where"), overwrites: true) }
        #expect(missing?.advice == "The directory does not exist.")
        #expect(status { try StagedFile.checkWritable(directory.path, overwrites: true) } == .outputUnwritable)
        #expect(status { _ = try InputFile.read(directory.file("none"), limit: 9) } == .inputUnreadable)
        try directory.write("long", "0123456789")
        #expect(status { _ = try InputFile.read(directory.file("long"), limit: 9) } == .inputMalformed)
        #expect(try InputFile.read(directory.file("long"), limit: 10).count == 10)
    }

    private func failure(_ body: () throws -> Void) -> CommandFailure? {
        do {
            try body()
            return nil
        } catch {
            return error as? CommandFailure
        }
    }

    private func status(_ body: () throws -> Void) -> TabellionCommands.ExitStatus? { failure(body)?.status }
}

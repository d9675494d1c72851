// Tries inputs on what reads foreign bytes; scripts/fuzz runs it.
//     tabellion-fuzz list                       the formats and the longest input of each
//     tabellion-fuzz seeds FORMAT FOLDER        writes what honest programs would send
//     tabellion-fuzz replay FORMAT FILE|hex:……  tries these inputs
//     tabellion-fuzz mutate FORMAT FOLDER SEED COUNT  tries changes of a folder's inputs, as the tests do
//     tabellion-fuzz FORMAT [libFuzzer's arguments]   if built for that (scripts/fuzz does)
import Foundation
import FuzzTargets

func fail(_ text: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data((text + "\n").utf8))
    exit(status)
}

func format(_ name: String) -> FuzzFormat {
    guard let format = FuzzFormat(rawValue: name) else { fail("fuzz: there is no format \(name)", status: 64) }
    return format
}

func attempt(_ format: FuzzFormat, _ bytes: [UInt8]) {
    do {
        try format.run(bytes)
    } catch {
        fail(
            "fuzz: \(format.rawValue): \(error)\n  scripts/fuzz \(format.rawValue) --replay \(FuzzDeath.replayable(bytes))",
            status: 1
        )
    }
}

let arguments = CommandLine.arguments
switch (arguments.dropFirst().first, arguments.count) {
case ("list", 2): for format in FuzzFormat.allCases { print(format.rawValue, format.byteCountMax) }
case ("seeds", 4): try FuzzFiles.write(try format(arguments[2]).seeds(), to: arguments[3])
case ("replay", 4...):
    FuzzDeath.watch()
    for place in arguments.dropFirst(3) {
        let bytes = try FuzzFiles.input(place)
        FuzzDeath.prepare(format(arguments[2]), bytes)
        attempt(format(arguments[2]), bytes)
    }
    print("fuzz: \(arguments.count - 3) inputs were good")
case ("mutate", 6):
    FuzzDeath.watch()
    let target = format(arguments[2])
    let corpus = try FuzzFiles.inputs(in: arguments[3]).map(\.bytes)
    var mutator = InputMutator(seed: UInt64(arguments[4]) ?? 0, corpus: corpus, byteCountMax: target.byteCountMax)
    for _ in 0..<(Int(arguments[5]) ?? 0) {
        let bytes = mutator.next()
        FuzzDeath.prepare(target, bytes)
        attempt(target, bytes)
    }
    print("fuzz: \(arguments[5]) inputs were good")
default: explore()
}

#if FUZZING
@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
    _ argumentCount: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

nonisolated(unsafe) var explored = FuzzFormat.multistream

func explore() -> Never {
    guard arguments.count > 1 else { fail("fuzz: name a format", status: 64) }
    var count = CommandLine.argc
    var values = CommandLine.unsafeArgv
    // libFuzzer starts this program again for some tasks, with its own arguments only.
    let variable = "TABELLION_FUZZ_FORMAT"
    if let name = ProcessInfo.processInfo.environment[variable] {
        explored = format(name)
    } else {
        explored = format(arguments[1])
        setenv(variable, arguments[1], 1)
        values[1] = values[0]
        values += 1
        count -= 1
    }
    exit(
        runDriver(&count, &values) { start, count in
            let bytes = Array(UnsafeBufferPointer(start: start, count: count))
            do {
                try explored.run(bytes)
            } catch {
                let text = "fuzz: \(explored.rawValue): \(error)\n  input \(FuzzDeath.replayable(bytes))\n"
                FileHandle.standardError.write(Data(text.utf8))
                // libFuzzer keeps the input of a process that aborts.
                abort()
            }
            return 0
        }
    )
}
#else
func explore() -> Never { fail("fuzz: this program was built without libFuzzer: use scripts/fuzz", status: 64) }
#endif

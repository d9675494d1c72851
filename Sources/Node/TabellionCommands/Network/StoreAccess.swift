internal import Glibc
internal import KeyValueStorage
internal import LevelDBStorage
internal import LocalControl
internal import WireFormat

/// A node's store, through the node if it runs, else opened here.
struct StoreAccess {
    private let options: StoreOptions

    init(_ options: StoreOptions) {
        self.options = options
    }

    /// Has a running node do `request`, or does `body` with the opened store; says which.
    func perform(
        _ request: ControlRequest,
        _ body: (LevelDBStore) throws(StorageError) -> JSONValue
    ) async throws -> (value: JSONValue, byNode: Bool) {
        if let path = options.socketPath {
            do {
                return (try await ControlClient(path: path).ask(request), true)
            } catch ControlError.notRunning {
                // Opened here.
            } catch let error as ControlError {
                throw NodeAccess.failure(error)
            }
        }
        let place = try options.place()
        let store = try place.open()
        defer { store.close() }
        do throws(StorageError) { return (try body(store), false) } catch { throw place.failure(error) }
    }
}

/// Paths that mean the same in another process.
enum AbsolutePath {
    /// `path`, with the folder of this process before it unless it begins with one.
    static func of(_ path: String) -> String {
        guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return String(cString: folder) + "/" + path
    }
}

/// What a check of a store found.
enum StoreReport {
    static func json(_ check: StoreCheck) -> JSONValue {
        .object([
            JSONMember("sound", .bool(check.isSound)),
            JSONMember("records", .unsigned(UInt64(check.recordCount))),
            JSONMember("strangers", .unsigned(UInt64(check.strangerCount))),
            JSONMember(
                "keyspaces",
                .array(
                    check.counts.map {
                        .object([
                            JSONMember("name", .string($0.keyspace)),
                            JSONMember("records", .unsigned(UInt64($0.recordCount))),
                            JSONMember("bytes", .unsigned(UInt64($0.byteCount))),
                            JSONMember("faults", .unsigned(UInt64($0.faultCount))),
                        ])
                    }
                )
            ),
            JSONMember("faults", .array(check.faults.map { .string("\($0)") })),
        ])
    }

    static func text(_ value: JSONValue) -> String {
        var lines: [String] = []
        for keyspace in value["keyspaces"]?.elements ?? [] {
            let name = keyspace["name"]?.string ?? ""
            let padding = String(repeating: " ", count: max(1, 26 - name.count))
            let faults = keyspace["faults"]?.unsigned ?? 0
            lines.append(
                "\(name)\(padding)\(keyspace["records"]?.unsigned ?? 0) records, \(keyspace["bytes"]?.unsigned ?? 0) bytes"
                    + (faults > 0 ? ", \(faults) cannot be read" : "")
            )
        }
        let strangers = value["strangers"]?.unsigned ?? 0
        if strangers > 0 { lines.append("\(strangers) entries belong to nothing that this program knows") }
        lines += (value["faults"]?.elements ?? []).compactMap(\.string)
        lines.append(value["sound"] == .bool(true) ? "The store is sound." : "The store is damaged.")
        return lines.joined(separator: "\n")
    }
}

extension JSONValue {
    /// The elements of an array.
    var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }
}

import Foundation
import TestServers

/// An HTTP server without TLS, to be put behind a web server, that answers in ways that web servers do not offer.
///
/// Paths: `/odd/endless` never stops; `/odd/drip` sends a byte now and then, without end;
/// `/odd/silent` never answers; `/odd/cut` stops in the middle of its body;
/// `/odd/echo` answers with the request's body; `/odd/hold/NAME` answers once a test lets it.
final class OddBackend: Sendable {
    private let listener: LoopbackListener
    private let holds: Holds

    var port: UInt16 { listener.port }

    init() throws {
        let holds = Holds()
        self.holds = holds
        listener = try LoopbackListener { connection in
            guard let (path, body) = Self.request(from: connection) else { return }
            func answer(_ body: [UInt8], announcing count: Int? = nil) {
                let head =
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                    + (count.map { "Content-Length: \($0)\r\n" } ?? "") + "\r\n"
                try? connection.write(Array(head.utf8) + body)
            }
            switch path {
            case "/odd/endless":
                answer(Array(#"{"text":""#.utf8))
                let block = [UInt8](repeating: 0x61, count: 8 << 10)
                while (try? connection.write(block)) != nil {}
            case "/odd/drip":
                answer(Array(#"{"text":""#.utf8))
                while (try? connection.write([0x61])) != nil { Thread.sleep(forTimeInterval: 0.1) }
            case "/odd/silent":
                while let bytes = try? connection.read(), !bytes.isEmpty {}
            case "/odd/cut": answer([UInt8](repeating: 0x20, count: 100), announcing: 1000)
            case "/odd/echo": answer(body, announcing: body.count)
            case let path where path.hasPrefix("/odd/hold/"):
                holds.arriveAndWait(String(path.dropFirst(10)))
                let body = Array(#"{"held":true}"#.utf8)
                answer(body, announcing: body.count)
            default: answer(Array("{}".utf8), announcing: 2)
            }
        }
    }

    /// Waits until somebody asks for `/odd/hold/NAME`.
    func arrival(of name: String) async -> Bool {
        for _ in 0..<6000 {
            if holds.hasArrived(name) { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }

    /// Lets `/odd/hold/NAME` answer.
    func release(_ name: String) {
        holds.release(name)
    }

    private static func request(from connection: LoopbackConnection) -> (path: String, body: [UInt8])? {
        var bytes: [UInt8] = []
        while true {
            guard let more = try? connection.read(), !more.isEmpty else { return nil }
            bytes += more
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let head = text[..<end.lowerBound]
            let lines = head.components(separatedBy: "\r\n")
            let length =
                lines.first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
            let body = Array(bytes.dropFirst(head.utf8.count + 4))
            guard body.count >= length else { continue }
            let words = lines[0].split(separator: " ")
            return words.count > 1 ? (String(words[1]), body) : nil
        }
    }

    /// `@unchecked Sendable`: the condition guards the sets.
    private final class Holds: @unchecked Sendable {
        private let condition = NSCondition()
        private var arrived: Set<String> = []
        private var released: Set<String> = []

        func arriveAndWait(_ name: String) {
            condition.lock()
            defer { condition.unlock() }
            arrived.insert(name)
            let limit = Date(timeIntervalSinceNow: 60)
            while !released.contains(name), condition.wait(until: limit) {}
        }

        func hasArrived(_ name: String) -> Bool {
            condition.lock()
            defer { condition.unlock() }
            return arrived.contains(name)
        }

        func release(_ name: String) {
            condition.lock()
            released.insert(name)
            condition.broadcast()
            condition.unlock()
        }
    }
}

import Foundation
import SwiftASN1
import X509

/// The root certificates that an identity check trusts.
package struct TrustedRoots: Sendable {
    /// Where distributions keep their bundle of roots: Debian and Alpine, Fedora, SUSE, OpenBSD and macOS.
    package static let systemBundlePaths = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ]
    /// The largest file of roots; the bundles of distributions have about 250 KB.
    package static let fileByteCountMax = 8 << 20

    let certificates: [Certificate]

    /// How many roots there are.
    package var count: Int { certificates.count }

    /// The roots in a PEM text, all of which must parse.
    ///
    /// - Parameters:
    ///   - pem: one or more certificates.
    ///   - path: where they are from, for errors.
    /// - Throws: ``ServerIdentityError/rootsUnreadable(path:reason:)``.
    package init(pem: String, path: String = "the given text") throws(ServerIdentityError) {
        certificates = try Self.parse(pem, path: path, skippingUnsupported: false)
    }

    /// The roots in a PEM file, all of which must parse.
    ///
    /// - Throws: ``ServerIdentityError/rootsUnreadable(path:reason:)``.
    package init(pemFile path: String) throws(ServerIdentityError) {
        try self.init(pem: Self.read(path), path: path)
    }

    /// The roots of this machine; certificates of a kind that X509 does not support are left out.
    ///
    /// - Throws: ``ServerIdentityError/rootsUnreadable(path:reason:)`` when the machine has none.
    package static func system() throws(ServerIdentityError) -> TrustedRoots {
        guard let path = systemBundlePaths.first(where: { FileManager.default.isReadableFile(atPath: $0) }) else {
            throw .rootsUnreadable(
                path: systemBundlePaths[0],
                reason: "there is no such file; install the package ca-certificates"
            )
        }
        return TrustedRoots(certificates: try parse(read(path), path: path, skippingUnsupported: true))
    }

    private init(certificates: [Certificate]) {
        self.certificates = certificates
    }

    private static func read(_ path: String) throws(ServerIdentityError) -> String {
        do {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            let data = try file.read(upToCount: fileByteCountMax + 1) ?? Data()
            guard data.count <= fileByteCountMax else {
                throw ServerIdentityError.rootsUnreadable(path: path, reason: "the file is larger than 8 MB")
            }
            return String(decoding: data, as: UTF8.self)
        } catch let error as ServerIdentityError {
            throw error
        } catch {
            throw .rootsUnreadable(path: path, reason: error.localizedDescription)
        }
    }

    private static func parse(
        _ pem: String,
        path: String,
        skippingUnsupported: Bool
    ) throws(ServerIdentityError) -> [Certificate] {
        do {
            let documents = try PEMDocument.parseMultiple(pemString: pem)
            let certificates =
                skippingUnsupported
                ? documents.compactMap { try? Certificate(pemDocument: $0) }
                : try documents.map { try Certificate(pemDocument: $0) }
            guard !certificates.isEmpty else {
                throw ServerIdentityError.rootsUnreadable(path: path, reason: "there is no certificate in it")
            }
            return certificates
        } catch let error as ServerIdentityError {
            throw error
        } catch {
            throw .rootsUnreadable(path: path, reason: "\(error)")
        }
    }
}

internal import CKernels
internal import Foundation
internal import MPCTLS

/// Builds the engine's circuits before they are needed.
///
/// They are built once a process, on first use, which takes about a tenth of a second: a notary does it when it starts, a
/// buyer while it waits for the notary's messages of the setup.
enum CircuitPreparation {
    /// Returns at once; a session that needs a circuit earlier waits for it.
    static func start() {
        let thread = Thread {
            // Counting the gates of a handshake touches all circuits that are garbled.
            _ = try? GarbledHandshake.andCount(maxSent: 1)
            // Building takes twice the memory of what was built.
            tab_memory_release()
        }
        thread.name = "circuits"
        thread.stackSize = 4 << 20
        thread.start()
    }
}

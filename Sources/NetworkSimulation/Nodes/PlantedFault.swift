/// A fault in nodes that are taken for honest: the simulation's invariants have to find each.
package enum PlantedFault: String, CaseIterable, Sendable {
    /// Forwards messages that its own validation refused.
    case forwardsInvalid
    /// Forwards messages before they are safe in its store.
    case forwardsUnsafe
    /// Accepts a record again when it arrives again.
    case acceptsTwice
    /// Changes a byte of what it forwards.
    case alters
    /// Neither takes in nor asks for anything.
    case isDeaf
    /// Hears nothing after it came back when the fault was over.
    case isDeafAfterLateReturn
    /// Keeps other bytes of a record than its author signed.
    case altersStore
    /// Takes in records that nobody was asked for.
    case invents
    /// Leaves a store behind that no program opens.
    case spoilsStore
    /// Does not sign.
    case refusesToSign
    /// Sends RPCs that their receivers cannot read.
    case exceedsEncoding
    /// Gives honest peers scores of spammers.
    case slanders
    /// Does not wait for the disk.
    case skipsSync
    /// Writes more than its disk can take.
    case floodsDisk
    /// Gives two messages of its own the same number.
    case reusesNumbers
    /// Takes honest peers for spammers.
    case blames
}

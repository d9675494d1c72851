package import Attestations
package import KeyValueStorage

/// All that a node stores: the one place where keyspaces are declared.
package enum NodeStore {
    /// The schema that this program writes.
    package static let schema: UInt32 = 1

    /// The layout of a network's store.
    package static func layout(network: NetworkID) -> StoreLayout {
        StoreLayout(owner: network.description, schema: schema, keyspaces: [])
    }
}

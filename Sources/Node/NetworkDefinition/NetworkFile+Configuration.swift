internal import Discovery
internal import Gossip
package import NodeCore
package import Records

extension NetworkFile {
    /// What makes a record news for this network.
    package var validation: RecordValidationParameters {
        var parameters = RecordValidationParameters()
        parameters.clockSkewMax = .seconds(Int64(genesis.clockSkew))
        parameters.newsAgeMax = .seconds(Int64(genesis.newsAge))
        parameters.windowDuration = .seconds(Int64(genesis.disputeWindow))
        parameters.signerRecordsPerMinuteOfTime = Int(genesis.recordsPerSignerAndMinute)
        return parameters
    }

    /// Who may sign.
    package var membership: any SignerMembership {
        switch genesis.signers {
        case .anyone: AnySigner()
        case .listed(let list): ListedSigners(list)
        }
    }

    /// How a node of this network behaves.
    package var nodeConfiguration: NodeConfiguration {
        var configuration = NodeConfiguration(network: network)
        configuration.validation = validation
        configuration.membership = membership
        configuration.discovery?.bootstrap = bootstrap
        if isLocal {
            configuration.gossip.scoring.isLoopbackExempt = true
            configuration.discovery?.exemptLoopback()
        }
        return configuration
    }
}

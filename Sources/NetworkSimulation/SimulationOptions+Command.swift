extension SimulationOptions {
    /// The command that repeats a run of these options; options that no command has are left out.
    package var command: String {
        var words = ["scripts/simulate network", "--nodes \(nodeCount)", "--seed \(seed)", "--fault \(fault.rawValue)"]
        if let faultShare { words.append("--share \(faultShare)") }
        if let faultDuration { words.append("--fault-seconds \(faultDuration / .seconds(1))") }
        words += ["--rate \(messagesPerSecond)", "--seconds \(publishing / .seconds(1))"]
        words += ["--payload \(recordByteCount)", "--idontwant \(announcesUnwanted ? "on" : "off")"]
        words.append("--known \(knownPeerCount)")
        if usesFullDiscovery { words.append("--full-discovery") }
        if encodesFrames { words.append("--encode") }
        if let plantedFault { words.append("--plant \(plantedFault.rawValue)") }
        return words.joined(separator: " ")
    }
}

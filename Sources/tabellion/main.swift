import TabellionCommands

Tabellion.configureProcess()
await Tabellion.start()

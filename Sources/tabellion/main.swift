import TabellionCommands

await Tabellion.start()

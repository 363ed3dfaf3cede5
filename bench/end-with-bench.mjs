// Preloaded into a measured process: a bench that broke off leaves nothing behind.
process.on('disconnect', () => process.exit())
process.channel.unref()

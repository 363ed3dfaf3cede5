#!/usr/bin/env node
import { processIo } from './process-io.js'
import { runCli } from './program.js'

// Who reads no more, as `head` does, wants no more of a command.
const end = () => process.exit()
process.stdout.on('error', end)

process.exitCode = await runCli(process.argv.slice(2), processIo(process), {
  async serve() {
    // Calls are answered whether or not somebody reads the log.
    process.stdout.off('error', end)
    const { serve } = await import('../serve.js')
    return serve()
  },
  start: async (environment) => (await import('../serve.js')).startQuietly(environment),
})

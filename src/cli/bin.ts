#!/usr/bin/env node
import { processIo } from './process-io.js'
import { runCli } from './program.js'

// A reader that closes the pipe, as `head` does, wants no more output.
process.stdout.on('error', () => process.exit())

process.exitCode = await runCli(process.argv.slice(2), processIo(process), {
  serve: async () => (await import('../serve.js')).serve(),
  start: async (environment) => (await import('../serve.js')).startQuietly(environment),
})

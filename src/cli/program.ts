import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config/environment.js'
import { describeError } from '../describe-error.js'
import { VobizApiError } from '../vobiz/api-error.js'
import { type CallOptions, call } from './call.js'
import { doctor } from './doctor.js'
import { EXIT, type ExitCode, type Io, UsageError } from './io.js'
import { type NumbersOptions, numbers } from './numbers.js'
import { type SetupOptions, setup } from './setup.js'
import { type TeardownOptions, teardown } from './teardown.js'

const JSON_OPTION = ['--json', 'print JSON, for scripts'] as const

/** Runs one command line and says how the process should exit. */
export async function runCli(
  argv: readonly string[],
  io: Io,
  serve: () => Promise<unknown>,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok
  const program = new Command('callmask')
    .description('Number masking for voice calls on Vobiz. Settings come from the environment and from .env.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
    })

  program
    .command('serve')
    .description('run the service')
    .action(async () => {
      await serve()
    })
  program
    .command('setup')
    .description('create or update the Vobiz application and attach every masking number to it')
    .option('--dry-run', 'only say what would be done')
    .option('--take-over', 'also move numbers that belong to another application')
    .option('--fallback-url <url>', 'what Vobiz asks when the Answer URL does not answer')
    .option(...JSON_OPTION)
    .action(async (options: SetupOptions) => {
      code = await setup(io, options)
    })
  program
    .command('teardown')
    .description('detach the numbers and delete the application')
    .option('--yes', 'do not ask')
    .option(...JSON_OPTION)
    .action(async (options: TeardownOptions) => {
      code = await teardown(io, options)
    })
  program
    .command('doctor')
    .description('check every link of the chain from the phone to the reply')
    .option(...JSON_OPTION)
    .action(async (options: { json?: boolean }) => {
      code = await doctor(io, options)
    })
  program
    .command('call')
    .description('play the carrier against a running instance')
    .option('--from <number>', 'who calls')
    .requiredOption('--to <number>', 'the masking number that they dial')
    .option('--url <url>', 'the instance, by default the local one')
    .option('--hangup', 'report the end of a call')
    .option('--anonymous', 'withhold the caller')
    .option('--unsigned', 'leave the signature out')
    .option(...JSON_OPTION)
    .action(async (options: CallOptions) => {
      code = await call(io, options)
    })
  program
    .command('numbers')
    .description("list the account's numbers")
    .option('--export', 'only those that are free to use, as one line')
    .option(...JSON_OPTION)
    .action(async (options: NumbersOptions) => {
      code = await numbers(io, options)
    })

  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (error instanceof UsageError || error instanceof ConfigError || error instanceof VobizApiError) {
      io.stderr.write(`error: ${error.message}\n`)
      return error instanceof VobizApiError ? EXIT.failed : EXIT.usage
    }
    const { type, stack = '' } = describeError(error)
    io.stderr.write(`error: this is a bug in callmask, please report it: ${type}\n${stack}\n`)
    return EXIT.failed
  }
}

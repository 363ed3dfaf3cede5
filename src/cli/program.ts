import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { SCOPES } from '../access/scopes.js'
import { CALL_OUTCOMES, CALL_STATES } from '../calls/call-summary.js'
import { EnvironmentFileError } from '../config/environment.js'
import { ConfigError } from '../config/validation.js'
import { describeError } from '../describe-error.js'
import { EVENT_TYPES } from '../events/event.js'
import type { SessionStatus } from '../masking/session.js'
import { VERSION } from '../package-file.js'
import { VobizApiError } from '../vobiz/api-error.js'
import type { ApiOptions } from './api.js'
import { checkAudio } from './audio.js'
import { verifyAuditFiles } from './audit.js'
import { type CallOptions, call } from './call.js'
import {
  type ListCallsOptions,
  listCalls,
  type SummarizeCallsOptions,
  showCall,
  summarizeCalls,
} from './calls.js'
import { type CapacityOptions, showCapacity } from './capacity.js'
import { type SimulateOptions, simulateCapacity } from './capacity-simulate.js'
import { type DemoOptions, demo, type StartService } from './demo.js'
import { doctor } from './doctor.js'
import { type FollowOptions, type ListenOptions, listenToEvents, tailEvents } from './events.js'
import { type ExplainOptions, explain } from './explain.js'
import { type InitOptions, init } from './init.js'
import { EXIT, type ExitCode, type Io, UsageError } from './io.js'
import { type CreateKeyOptions, createKey, listKeys, revokeKey } from './keys.js'
import { type NumbersOptions, numbers } from './numbers.js'
import { type SyncOptions, syncNumbers } from './numbers-sync.js'
import { type EraseOptions, erasePerson } from './people.js'
import {
  type AddOptions,
  activateNumber,
  addNumbers,
  drainNumber,
  removeNumber,
  showPool,
} from './pool-numbers.js'
import { withPrintableOutput } from './printable.js'
import {
  type CloseOptions,
  type CreateOptions,
  closeSession,
  createSession,
  type ListOptions,
  listSessions,
  type SearchOptions,
  searchSessions,
  showSession,
} from './sessions.js'
import { type SetupOptions, setup } from './setup.js'
import { type SimulateCallOptions, simulateCall } from './simulate.js'
import { checkStoreOf, type StoreOptions, upgradeStore } from './store.js'
import { STORIES } from './stories.js'
import { type TeardownOptions, teardown } from './teardown.js'
import { type TopOptions, top } from './top.js'

const JSON_OPTION = ['--json', 'print JSON, for scripts'] as const
const URL_OPTION = ['--url <url>', 'the instance, by default the local one'] as const
const EXTERNAL_ID_OPTION = ['--external-id <id>', 'your own name for the session'] as const

/** Seconds between two looks of `top`. */
const TOP_SECONDS = 2

const SESSION_STATUSES: SessionStatus[] = ['open', 'closed', 'expired']

/** What the command line can do with the service itself. Given from outside: nothing here depends on a server. */
export interface Service {
  /** Runs it until a signal ends the process. Resolves once it listens, or cannot start, with the exit code. */
  serve(): Promise<ExitCode>
  /** Starts it in this environment alone, and without a log. Rejects with the error of listening, such as EADDRINUSE. */
  readonly start: StartService
}

/** Runs one command line and says how the process should exit. */
export async function runCli(argv: readonly string[], world: Io, service: Service): Promise<ExitCode> {
  const io = withPrintableOutput(world)
  let code: ExitCode = EXIT.ok
  const finish = async (work: Promise<ExitCode>) => {
    code = await work
  }
  const program = new Command('callmask')
    .description('Number masking for voice calls on Vobiz. Settings come from the environment and from .env.')
    .version(VERSION, '--version', 'print the version')
    // An option behind the name of a command is that command's own.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Commander repeats what it does not understand, and that may be a real number.
      outputError: (text, write) => write(text.replace(/\d{2,}/g, '…')),
    })

  program
    .command('serve')
    .description('run the service')
    .action(() => finish(service.serve()))
  program
    .command('demo')
    .description('start the service on example numbers, and play calls and a session against it')
    .option('--once', 'end after the play')
    .action((options: DemoOptions) => finish(demo(io, service.start, options)))
  program
    .command('init')
    .description('write an .env: of your Vobiz account, or with example numbers to try callmask out')
    .option('--auth-id <id>', 'the account, by default VOBIZ_AUTH_ID')
    .option(
      '--auth-token <token>',
      'rather set VOBIZ_AUTH_TOKEN: other users can see the options of a command',
    )
    .option(
      '--public-url <url>',
      'the https URL under which Vobiz reaches the service, by default PUBLIC_BASE_URL',
    )
    .option('--numbers <numbers>', 'the masking numbers with commas, by default all that are free')
    .option('--store-url <url>', 'a shared store, by default STORE_URL')
    .option('--yes', 'ask nothing')
    .option('--force', 'write a new file in place of the one that is there')
    .action((options: InitOptions) => finish(init(io, options)))
  program
    .command('setup')
    .description('create or update the Vobiz application and attach every masking number to it')
    .option('--dry-run', 'only say what would be done')
    .option('--take-over', 'also move numbers that belong to another application')
    .option('--fallback-url <url>', 'what Vobiz asks when the Answer URL does not answer')
    .option(...JSON_OPTION)
    .action((options: SetupOptions) => finish(setup(io, options)))
  program
    .command('teardown')
    .description('detach the numbers and delete the application')
    .option('--yes', 'do not ask')
    .option(...JSON_OPTION)
    .action((options: TeardownOptions) => finish(teardown(io, options)))
  program
    .command('doctor')
    .description('check every link of the chain from the phone to the reply')
    .option(...JSON_OPTION)
    .action((options: { json?: boolean }) => finish(doctor(io, options)))
  program
    .command('call')
    .description('play the carrier against a running instance')
    .option('--from <number>', 'who calls; - reads it from standard input')
    .requiredOption('--to <number>', 'the masking number that they dial; - reads it from standard input')
    .option(...URL_OPTION)
    .option('--hangup', 'report the end of a call')
    .option('--anonymous', 'withhold the caller')
    .option('--unsigned', 'leave the signature out')
    .addOption(
      new Option('--story <story>', 'then tell how the call went on, and show its record').choices(STORIES),
    )
    .option('--pin <digits>', 'what the caller enters where they are asked for a PIN')
    .option(...JSON_OPTION)
    .action((options: CallOptions) => finish(call(io, options)))
  program
    .command('explain')
    .description('ask a running instance what would happen to a call now, and why')
    .requiredOption('--from <number>', 'who calls; - reads it from standard input')
    .requiredOption('--to <number>', 'the masking number that they dial; - reads it from standard input')
    .option('--session <id>', 'the session that you know of, to be told what to dial instead in it')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: ExplainOptions) => finish(explain(io, options)))
  program
    .command('simulate')
    .description('ask a running instance what both would hear in a call that nobody makes')
    .option('--from <number>', 'who calls; - reads it from standard input')
    .option('--to <number>', 'the masking number that they dial; - reads it from standard input')
    .option('--session <id>', 'the session that you know of')
    .option('--caller <side>', 'which of its participants calls, 0 or 1, in the place of --from', readCount)
    .option('--ahead <duration>', 'how long from now they call, such as 2h or 30d')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: SimulateCallOptions) => finish(simulateCall(io, options)))

  program
    .command('top')
    .description('show what instances do: calls, outcomes, latency, pool, store')
    .option('--url <url...>', 'the instances, by default the local one')
    .option('--interval <seconds>', 'seconds between two looks', readCount, TOP_SECONDS)
    .option('--once', 'look for one interval, and end')
    .option(...JSON_OPTION)
    .action((options: TopOptions) => finish(top(io, options)))

  addNumberCommands(program, io, finish)
  addCapacityCommands(program, io, finish)
  addSessionCommands(program, io, finish)
  addCallCommands(program, io, finish)
  addEventCommands(program, io, finish)
  addStoreCommands(program, io, finish)
  addAccessCommands(program, io, finish)
  addAudioCommands(program, io, finish)

  try {
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (error instanceof VobizApiError || isMistakeOfUser(error)) {
      io.stderr.write(`error: ${error.message}\n`)
      return error instanceof VobizApiError ? EXIT.failed : EXIT.usage
    }
    const { type, stack = '' } = describeError(error)
    io.stderr.write(`error: this is a bug in callmask, please report it: ${type}\n${stack}\n`)
    return EXIT.failed
  }
}

function isMistakeOfUser(error: unknown): error is Error {
  return error instanceof UsageError || error instanceof ConfigError || error instanceof EnvironmentFileError
}

/** The numbers of the account, and those of the pool of a running instance. */
function addNumberCommands(
  program: Command,
  io: Io,
  finish: (work: Promise<ExitCode>) => Promise<void>,
): void {
  const NUMBER = ['<number>', 'a number of the pool'] as const
  const group = program
    .command('numbers')
    .description("list the account's numbers, or change the pool of a running instance")
    .option('--export', 'only those that this service can use, as a MASKING_NUMBERS line')
    .option(...JSON_OPTION)
    .action((options: NumbersOptions) => finish(numbers(io, options)))
  group
    .command('pool')
    .description('show the pool, and how full it is')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: ApiOptions) => finish(showPool(io, options)))
  group
    .command('add')
    .description('put numbers into the pool')
    .argument('<number...>', 'masking numbers, with their country codes')
    .option('--label <label>', 'what you call them')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((all: string[], options: AddOptions) => finish(addNumbers(io, all, options)))
  group
    .command('drain')
    .description('give a number to no new session, so that it can be removed')
    .argument(...NUMBER)
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((number: string, options: ApiOptions) => finish(drainNumber(io, number, options)))
  group
    .command('activate')
    .description('give a number that drains to new sessions again')
    .argument(...NUMBER)
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((number: string, options: ApiOptions) => finish(activateNumber(io, number, options)))
  group
    .command('remove')
    .description('take a number out of the pool that has drained and rested')
    .argument(...NUMBER)
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((number: string, options: ApiOptions) => finish(removeNumber(io, number, options)))
  group
    .command('sync')
    .description('show the account and the pool side by side, and attach what is missing')
    .option('--dry-run', 'only say what would be done')
    .option('--take-over', 'also move numbers that belong to another application')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: SyncOptions) => finish(syncNumbers(io, options)))
}

/** How far the pool goes. */
function addCapacityCommands(
  program: Command,
  io: Io,
  finish: (work: Promise<ExitCode>) => Promise<void>,
): void {
  program
    .command('capacity')
    .description('say how far the pool of a running instance goes, and how many numbers to rent')
    .option(
      '--sessions-per-person <n>',
      'for so many sessions of one person that are open at once',
      readCount,
    )
    .option('--sessions-per-day <n>', 'of which so many end within 24 hours', readCount)
    .option('--rest <duration>', 'where numbers rest so long, such as 2h; by default NUMBER_REST')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: CapacityOptions) => finish(showCapacity(io, options)))
    .command('simulate')
    .description('open made-up sessions by the rules of the service, and say how many numbers they need')
    .requiredOption('--people <n>', 'how many people there are on the busy side', readCount)
    .requiredOption('--sessions-per-day <n>', 'how many sessions each of them has a day', readCount)
    .option('--rest <duration>', 'for how long a number rests for a person', '1d')
    .option('--session-length <duration>', 'how long each session lasts', '1d')
    .option('--days <n>', 'how many days, by default until no later one differs', readCount)
    .option('--numbers <n>', 'also say what a pool of so many refuses', readCount)
    .option('--seed <n>', 'the same seed makes the same sessions', readCount, 1)
    .option(...JSON_OPTION)
    .action((options: SimulateOptions) => finish(simulateCapacity(io, options)))
}

/** What a running instance can do with sessions. */
function addSessionCommands(
  program: Command,
  io: Io,
  finish: (work: Promise<ExitCode>) => Promise<void>,
): void {
  const sessions = program
    .command('sessions')
    .description('open, look up and close sessions of a running instance')
  sessions
    .command('create')
    .description('open a session for two people')
    .requiredOption('--first <number>', 'the real number of the one person; - reads it from standard input')
    .requiredOption(
      '--second <number>',
      'the real number of the other person; - reads it from standard input',
    )
    .option('--expires-in <seconds>', 'how long it lasts, by default SESSION_TTL', readCount)
    .option(...EXTERNAL_ID_OPTION)
    .option('--allow-short-rest', 'rather take a number that still rests than none')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: CreateOptions) => finish(createSession(io, options)))
  sessions
    .command('list')
    .description('list sessions, the newest first')
    .option(...EXTERNAL_ID_OPTION)
    .addOption(new Option('--status <status>', 'only these').choices(SESSION_STATUSES))
    .option('--from <time>', 'that were created then or later, such as 2100-01-01T00:00:00Z')
    .option('--to <time>', 'that were created before')
    .option('--cursor <cursor>', 'where the page before ended')
    .option('--limit <n>', 'how many at most', readCount)
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: ListOptions) => finish(listSessions(io, options)))
  sessions
    .command('search')
    .description('list the sessions of a person, whose number is read from standard input, the newest first')
    .option('--limit <n>', 'how many at most', readCount)
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: SearchOptions) => finish(searchSessions(io, options)))
  sessions
    .command('show')
    .description('show a session')
    .argument('<id>', 'the id of the session, s_…')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((id: string, options: ApiOptions) => finish(showSession(io, id, options)))
  sessions
    .command('close')
    .description('end a session now')
    .argument('<id>', 'the id of the session, s_…')
    .option('--hang-up', 'also end its calls that go on, at the carrier')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((id: string, options: CloseOptions) => finish(closeSession(io, id, options)))
}

/** What the business is told of. */
function addEventCommands(
  program: Command,
  io: Io,
  finish: (work: Promise<ExitCode>) => Promise<void>,
): void {
  const type = () => new Option('--type <type>', 'only these').choices(EVENT_TYPES)
  const SESSION = ['--session <id>', 'only those of this session'] as const
  const SINCE = ['--since <time>', 'also those from then on, such as 2100-01-01T00:00:00Z'] as const
  const events = program.command('events').description('follow what happens')
  events
    .command('tail')
    .description('print events as they happen, until Ctrl+C')
    .addOption(type())
    .option(...SESSION)
    .option(...SINCE)
    .option(...URL_OPTION)
    .option('--json', 'print a line of JSON for each')
    .action((options: FollowOptions) => finish(tailEvents(io, options)))
  events
    .command('listen')
    .description('send events as they happen to a server on this machine, signed, until Ctrl+C')
    .requiredOption('--forward <url>', 'where to, such as http://127.0.0.1:3000/hook')
    .addOption(type())
    .option(...SESSION)
    .option(...SINCE)
    .option(...URL_OPTION)
    .action((options: ListenOptions) => finish(listenToEvents(io, options)))
}

/** What became of calls. */
function addCallCommands(program: Command, io: Io, finish: (work: Promise<ExitCode>) => Promise<void>): void {
  const calls = program.command('calls').description('look up what became of calls')
  calls
    .command('list')
    .description('list calls, the newest first')
    .option('--session <id>', 'only those of this session')
    .addOption(new Option('--outcome <outcome>', 'only these').choices(CALL_OUTCOMES))
    .addOption(new Option('--state <state>', 'only these').choices(CALL_STATES))
    .option('--from <time>', 'that began then or later, such as 2100-01-01T00:00:00Z')
    .option('--to <time>', 'that began before')
    .option('--cursor <cursor>', 'where the page before ended')
    .option('--limit <n>', 'how many at most', readCount)
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: ListCallsOptions) => finish(listCalls(io, options)))
  calls
    .command('summary')
    .description('count calls by hour and outcome, and by masking number')
    .option('--from <time>', 'the first hour, by default 24 hours before the end')
    .option('--to <time>', 'the end, by default now')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: SummarizeCallsOptions) => finish(summarizeCalls(io, options)))
  calls
    .command('show')
    .description('show what became of a call')
    .argument('<id>', 'the id of the call, its CallUUID')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((id: string, options: ApiOptions) => finish(showCall(io, id, options)))
}

/** What is kept of people, and where. */
function addStoreCommands(
  program: Command,
  io: Io,
  finish: (work: Promise<ExitCode>) => Promise<void>,
): void {
  program
    .command('erase')
    .description(
      'close the sessions of a person, whose number is read from standard input, and erase everything that is kept of them',
    )
    .option('--yes', 'do not ask')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: EraseOptions) => finish(erasePerson(io, options)))
  const store = program.command('store').description('look into the store of STORE_URL, and keep it in order')
  store
    .command('check')
    .description('read everything and say what does not fit together')
    .option(...JSON_OPTION)
    .action((options: StoreOptions) => finish(checkStoreOf(io, options)))
  store
    .command('upgrade')
    .description('bring it to the form of this version, and write again what is sealed with an older key')
    .option(...JSON_OPTION)
    .action((options: StoreOptions) => finish(upgradeStore(io, options)))
}

/** Files that calls play. */
function addAudioCommands(
  program: Command,
  io: Io,
  finish: (work: Promise<ExitCode>) => Promise<void>,
): void {
  program
    .command('audio')
    .description('look at audio that calls play')
    .command('check')
    .description('say whether a file of audio can be played in a call')
    .argument('<url>', 'its https URL')
    .option(...JSON_OPTION)
    .action((url: string, options: { json?: boolean }) => finish(checkAudio(io, url, options)))
}

/** Who may use the API, and what they did. */
function addAccessCommands(
  program: Command,
  io: Io,
  finish: (work: Promise<ExitCode>) => Promise<void>,
): void {
  const keys = program.command('keys').description('make, list and revoke keys of the API')
  keys
    .command('create')
    .description('make a key: print it once, with the line for API_KEY_HASHES')
    .requiredOption('--name <name>', 'its name, which stands in the audit trail')
    .requiredOption('--scope <scopes>', `what it may do, with commas: ${SCOPES.join(', ')}`)
    .option('--expires <duration>', 'for how long it is valid, such as 90d; by default until it is revoked')
    .option('--stored', 'keep it in the store of a running instance: it needs no restart, and can be revoked')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: CreateKeyOptions) => finish(createKey(io, options)))
  keys
    .command('list')
    .description('list the keys of a running instance')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((options: ApiOptions) => finish(listKeys(io, options)))
  keys
    .command('revoke')
    .description('end a key of the store, on all instances')
    .argument('<name>', 'the name of the key')
    .option(...URL_OPTION)
    .option(...JSON_OPTION)
    .action((name: string, options: ApiOptions) => finish(revokeKey(io, name, options)))
  program
    .command('audit')
    .description('look at the audit trail')
    .command('verify')
    .description('say whether an audit trail is whole, or where it breaks')
    .argument('<file...>', 'files with its lines, in their order; other lines may stand between them')
    .option(...JSON_OPTION)
    .action((files: string[], options: { json?: boolean }) => finish(verifyAuditFiles(io, files, options)))
}

/** The value of an option that counts something. */
function readCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

import type { FastifyInstance } from 'fastify'
import type { Io } from '../src/cli/io.js'
import { runCli } from '../src/cli/program.js'
import type { Environment } from '../src/config/environment.js'
import { startQuietly } from '../src/serve.js'
import { PAIR } from './fixtures.js'
import type { StandIn } from './vobiz-stand-in.js'

export const PUBLIC = 'https://mask.example.com'

/** The environment of a user whose account is the stand-in. */
export function environmentOf(account: StandIn): Record<string, string> {
  return {
    ...PAIR,
    VOBIZ_API_BASE: account.base,
    VOBIZ_AUTH_ID: account.authId,
    VOBIZ_AUTH_TOKEN: account.authToken,
    PUBLIC_BASE_URL: PUBLIC,
  }
}

export interface CliRun {
  readonly code: number
  readonly out: string
  readonly err: string
  /** How long it asked to wait, in milliseconds; no time passed. */
  readonly waits: readonly number[]
}

/** Runs a command line in this process, in a world where waiting takes no time. */
export async function cli(
  args: string[],
  environment: Environment,
  world: Partial<Io> = {},
): Promise<CliRun> {
  let [out, err] = ['', '']
  const waits: number[] = []
  const io: Io = {
    environment,
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    fetch,
    sleep: async (ms) => {
      waits.push(ms)
    },
    now: Date.now,
    confirm: async () => false,
    isInteractive: false,
    ask: async () => '',
    askSecret: async () => '',
    input: async () => '',
    fileEnvironment: {},
    environmentFile: '.env',
    untilInterrupted: async () => undefined,
    later: () => () => undefined,
    clear: () => undefined,
    spin: () => () => undefined,
    ...world,
  }
  const code = await runCli(args, io, {
    async serve() {
      out += 'served\n'
      return 1
    },
    start: startQuietly,
  })
  return { code, out, err, waits }
}

/** A `fetch` for which an app answers at its public address; everything else goes over the network. */
export function fetchWith(app: FastifyInstance): typeof fetch {
  return async (input, init) => {
    const url = String(input)
    if (!url.startsWith(PUBLIC)) return fetch(input, init)
    const reply = await app.inject({
      method: (init?.method ?? 'GET') as 'GET' | 'POST',
      url: url.slice(PUBLIC.length),
      headers: {
        ...(init?.body && { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }),
        ...(init?.headers as Record<string, string>),
      },
      payload: String(init?.body ?? ''),
    })
    return new Response(reply.body, {
      status: reply.statusCode,
      headers: { 'content-type': String(reply.headers['content-type'] ?? '') },
    })
  }
}

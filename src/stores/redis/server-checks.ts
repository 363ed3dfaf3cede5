import type { StoreAddress } from './address.js'
import type { Link } from './link.js'

/** A problem of the server's version or settings. */
export interface ServerProblem {
  readonly seen: string
  readonly remedy: string
}

/** What we use came with this version: SET with NX and GET, PEXPIREAT with GT. */
const MIN_REDIS = 7

/** What of the way to the store puts it at risk: a sentinel says which server gets everything, its password too. */
export function checkAddress({ kind, tls, password }: StoreAddress): ServerProblem[] {
  const missing = [!tls && 'TLS', !password && 'a password'].filter((part) => part !== false)
  if (kind !== 'sentinel' || missing.length === 0) return []
  return [
    {
      seen: `Sentinel is used without ${missing.join(' and ')}, so whoever answers in its place can lead calls to a server of theirs`,
      remedy: 'use rediss:// and a password in STORE_URL, or a network where nobody else is',
    },
  ]
}

/** Finds what puts sessions at risk in a server's version and settings. */
export async function checkServer(link: Link): Promise<ServerProblem[]> {
  const info = await link.ask((client) => client.info('server'))
  // CONFIG is forbidden on many managed servers, which then have settings of their own for it.
  const setting = async (name: string) => {
    const reply = (await link.ask(async (client) => client.config('GET', name).catch(() => []))) as string[]
    return reply[1]
  }
  const [policy, appendOnly, save] = [
    await setting('maxmemory-policy'),
    await setting('appendonly'),
    await setting('save'),
  ]
  const version = /redis_version:(\d+)/.exec(info)?.[1]
  const problems: ServerProblem[] = []
  if (version !== undefined && Number(version) < MIN_REDIS) {
    problems.push({
      seen: `the server is version ${version}`,
      remedy: `use Redis ${MIN_REDIS} or later, or Valkey`,
    })
  }
  if (policy !== undefined && policy !== 'noeviction') {
    problems.push({
      seen: `maxmemory-policy is ${policy}, so open sessions may be dropped`,
      remedy: 'set it to noeviction',
    })
  }
  if (appendOnly === 'no' && save === '') {
    problems.push({
      seen: 'nothing is written to disk, so a restart ends all sessions',
      remedy: 'set appendonly to yes',
    })
  }
  return problems
}

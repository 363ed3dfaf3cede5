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

/** Seconds of silence after which a replica should not count any more. It says that it is there once a second. */
const MAX_REPLICA_LAG = 2

type Setting = (name: string) => Promise<string | undefined>

/** Finds what puts sessions at risk in a server's version and settings. */
export async function checkServer(link: Link): Promise<ServerProblem[]> {
  const info = await link.ask((client) => client.info('server'))
  // CONFIG is forbidden on many managed servers, which then have settings of their own for it.
  const setting: Setting = async (name) => {
    const reply = (await link.ask(async (client) => client.config('GET', name).catch(() => []))) as string[]
    return reply[1]
  }
  return [
    ...checkVersion(info),
    ...(await checkKeeping(setting)),
    ...(/redis_mode:cluster/.test(info) ? await checkCluster(setting) : await checkReplicas(link, setting)),
  ]
}

function checkVersion(info: string): ServerProblem[] {
  const version = /redis_version:(\d+)/.exec(info)?.[1]
  if (version === undefined || Number(version) >= MIN_REDIS) return []
  return [{ seen: `the server is version ${version}`, remedy: `use Redis ${MIN_REDIS} or later, or Valkey` }]
}

async function checkKeeping(setting: Setting): Promise<ServerProblem[]> {
  const [policy, appendOnly, save] = [
    await setting('maxmemory-policy'),
    await setting('appendonly'),
    await setting('save'),
  ]
  const problems: ServerProblem[] = []
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

/** What lets a primary go on that others have replaced, without its knowing. It matters where it has replicas. */
async function checkReplicas(link: Link, setting: Setting): Promise<ServerProblem[]> {
  const info = await link.ask((client) => client.info('replication'))
  const replicas = Number(/connected_slaves:(\d+)/.exec(info)?.[1] ?? 0)
  if (replicas === 0) return []
  const [toWrite, maxLag, readOnly] = [
    await setting('min-replicas-to-write'),
    await setting('min-replicas-max-lag'),
    await setting('replica-read-only'),
  ]
  const problems: ServerProblem[] = []
  if (toWrite === '0' || maxLag === '0') {
    problems.push({
      seen: 'a primary that is cut off from its replicas goes on, so it connects sessions that are over and opens sessions that get lost',
      remedy: `set min-replicas-to-write to 1 and min-replicas-max-lag to ${MAX_REPLICA_LAG}, on the replicas too, and have two of them: without any, the primary then stands still`,
    })
  } else if (Number(maxLag) > MAX_REPLICA_LAG) {
    problems.push({
      seen: `min-replicas-max-lag is ${maxLag}, so for that many seconds a primary goes on that is cut off from its replicas`,
      remedy: `set it to ${MAX_REPLICA_LAG}, on the replicas too`,
    })
  }
  if (readOnly === 'no') {
    problems.push({
      seen: 'replica-read-only is no, so a primary that becomes a replica takes changes that get lost',
      remedy: 'set it to yes, on the replicas too',
    })
  }
  return problems
}

/** A primary of a cluster stands still by itself when it is cut off from most of them, unless it is told not to. */
async function checkCluster(setting: Setting): Promise<ServerProblem[]> {
  if ((await setting('cluster-allow-reads-when-down')) !== 'yes') return []
  return [
    {
      seen: 'cluster-allow-reads-when-down is yes, so a server that is cut off from the cluster connects sessions that are over',
      remedy: 'set it to no',
    },
  ]
}

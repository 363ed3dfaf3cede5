/** Where the shared store is. */
export interface StoreAddress {
  readonly kind: 'standalone' | 'sentinel' | 'cluster'
  /** One host, or those from which the others are learnt. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly tls: boolean
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly db: number
  /** What the sentinels call the primary. */
  readonly primaryName?: string | undefined
}

/** `redis://user:password@host:6379,host2:6379/0?sentinel=mymaster`, and `rediss` with TLS. */
const STORE_URL =
  /^(?<scheme>rediss?):\/\/(?:(?<username>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^/?#@]+)(?:\/(?<db>\d{0,2}))?(?:\?(?<option>cluster|sentinel=[\w.-]+))?$/

const MAX_PORT = 65_535
const DEFAULT_PORTS = { sentinel: 26_379, standalone: 6_379, cluster: 6_379 }

/** Reads `STORE_URL`; undefined when it is none. */
export function readStoreUrl(text: string): StoreAddress | undefined {
  const { scheme, username, password, hosts = '', db, option } = STORE_URL.exec(text)?.groups ?? {}
  if (!scheme || ![username, password].every(isEncoded)) return undefined
  const kind = option === 'cluster' ? 'cluster' : option ? 'sentinel' : 'standalone'
  const read = hosts.split(',').map((entry) => readHost(entry, DEFAULT_PORTS[kind]))
  const valid = read.filter((host) => host !== undefined)
  if (valid.length !== read.length || (kind === 'standalone' && valid.length > 1)) return undefined
  // A cluster has one database.
  if (kind === 'cluster' && Number(db ?? 0) !== 0) return undefined
  return {
    kind,
    hosts: valid,
    tls: scheme === 'rediss',
    username: decoded(username),
    password: decoded(password),
    db: Number(db ?? 0),
    primaryName: option?.replace('sentinel=', ''),
  }
}

const HOST = /^(?<host>\[[\da-fA-F:]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/

function readHost(text: string, defaultPort: number) {
  const { host, port: portText } = HOST.exec(text.trim())?.groups ?? {}
  const port = Number(portText ?? defaultPort)
  return host && port > 0 && port <= MAX_PORT ? { host: host.replace(/^\[|\]$/g, ''), port } : undefined
}

function decoded(text: string | undefined): string | undefined {
  return text ? decodeURIComponent(text) : undefined
}

function isEncoded(text = ''): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

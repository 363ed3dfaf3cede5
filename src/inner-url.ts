/** Which requests a listener takes. Probes are answered on each. */
export type Listener = 'calls' | 'business' | 'both'

export interface InnerUrlRules {
  /** Where the carrier asks: `''`, or `/secret` for each path secret. */
  readonly prefixes: readonly string[]
  /** Where its routes really are: `''`, or what nobody can know. */
  readonly carrierPrefix: string
}

/** The path of the carrier's routes, below their prefix. */
export const CARRIER_PATH = '/answer'
const PROBES = '/health'
/** Nothing is below this path, so whatever is asked there is answered as an unknown path is. */
const NOWHERE = '/nowhere'

/**
 * The URL by which the routes know a request. The carrier's routes have a path that cannot be guessed, and who asks where
 * the carrier may ask is led there: so a path secret can change while the service runs, and a wrong one is a path that does
 * not exist. What is not for a listener is led to nowhere. Only what is spelled plainly is let through, because the router
 * decodes a path, and this does not.
 *
 * @param url as it was asked
 */
export function innerUrl(
  url: string,
  listener: Listener,
  { prefixes, carrierPrefix }: InnerUrlRules,
): string {
  const path = url.startsWith('/') ? url : url.replace(ORIGIN, '/')
  if (listener !== 'business') {
    const prefix = prefixes.find((prefix) => leadsTo(path, prefix + CARRIER_PATH))
    if (prefix !== undefined) return carrierPrefix + path.slice(prefix.length)
  }
  if (listener !== 'calls' || leadsTo(path, PROBES)) return url
  return NOWHERE + path
}

/** What stands before the path where somebody sends a whole URL, as to a proxy. */
const ORIGIN = /^https?:\/\/.*?\//

/** Whether a path is this one, or below it, with or without a query. */
function leadsTo(path: string, start: string): boolean {
  if (!path.startsWith(start)) return false
  const next = path[start.length]
  return next === undefined || next === '/' || next === '?'
}

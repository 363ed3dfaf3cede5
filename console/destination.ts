import { CONSOLE } from './hooks/staff.js'

/** Any host will do: nothing is kept of it. */
const HERE = 'http://here.invalid'

/**
 * The page of the console that a URL leads to, written so that it can stand in a header. It is a path below ours and has no host, so
 * it is never a page of somebody else's.
 */
export function destination(to: string): string {
  if (!to.startsWith('/') || !URL.canParse(to, HERE)) return CONSOLE
  const { pathname, search } = new URL(to, HERE)
  const isOurs = pathname === CONSOLE || pathname.startsWith(`${CONSOLE}/`)
  return isOurs ? pathname + search : CONSOLE
}

import { CONSOLE } from './hooks/staff.js'

/** Any host will do: it shows whether a URL leads elsewhere. */
const HERE = 'http://here.invalid'

/** The page of the console that a URL leads to, written so that it can stand in a header, and never one of somebody else's. */
export function destination(to: string): string {
  if (!to.startsWith('/') || !URL.canParse(to, HERE)) return CONSOLE
  const { origin, pathname, search } = new URL(to, HERE)
  const isOurs = pathname === CONSOLE || pathname.startsWith(`${CONSOLE}/`)
  return origin === HERE && isOurs ? pathname + search : CONSOLE
}

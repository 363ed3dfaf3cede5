import { type Browser, chromium } from 'playwright-core'

/** Debian's, or what `CHROMIUM` names. */
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium'

const ARGS = [
  // As root it starts in no other way.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  // A name of the outside leads nowhere, also where a page would ask for one.
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
  '--disable-dev-shm-usage',
]

const START_LIMIT_MS = 60_000

export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGS, timeout: START_LIMIT_MS })
}

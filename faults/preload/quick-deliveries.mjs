// Loaded into an instance before it starts: what the telling of events waits for is as many times shorter as
// FAULT_QUICKER says, which is the next attempt, and an instance that may have gone. All else is as it was built.
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const QUICKER = Number(process.env.FAULT_QUICKER)
const TIMES = {
  '/events/relay.js': { LEASE_MS: 10_000 },
  '/events/retry-delay.js': { SECOND_MS: 1_000 },
  '/events/deliverer.js': { LEASE_MS: 60_000, RENEW_MS: 15_000 },
}

// The thread that loads modules reads this file too.
if (isMainThread) register(import.meta.url)

export async function load(url, context, next) {
  const loaded = await next(url, context)
  const found = Object.entries(TIMES).find(([end]) => url.endsWith(end))
  if (!found) return loaded
  let source = String(loaded.source)
  for (const [name, ms] of Object.entries(found[1])) {
    const known = `const ${name} = ${ms.toLocaleString('en').replaceAll(',', '_')};`
    if (!source.includes(known)) throw new Error(`${url} has no ${known}`)
    source = source.replace(known, `const ${name} = ${ms / QUICKER};`)
  }
  return { ...loaded, source }
}

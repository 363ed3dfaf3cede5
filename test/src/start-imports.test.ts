import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'tap'

/** What stands behind `from` in each line that loads something: with `import type` nothing is loaded. */
const LOADS = /^(?:import|export) (?!type )(?:[^']*? from )?'([^']+)'/gm

/** All that is loaded with a file of ours: packages by their names, ours by their paths. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(LOADS)) {
    if (name.startsWith('.')) loadedWith(join(dirname(file), name.replace(/\.js$/, '.ts')), found)
    else found.add(name)
  }
  return found
}

test('a start loads nothing that only some of them need', async (t) => {
  const found = loadedWith('src/server.ts')
  for (const name of ['fastify', '@fastify/env', 'src/app.ts', 'src/vobiz/render.ts'])
    t.ok(found.has(name), name)
  for (const name of [
    '@fastify/swagger',
    '@opentelemetry/api',
    '@fastify/type-provider-typebox',
    'commander',
    'ioredis',
    'lmdb',
    'prom-client',
    'src/telemetry/metrics.ts',
    'src/telemetry/tracing.ts',
    'src/called-by-business.ts',
  ])
    t.notOk(found.has(name), name)
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { cli } from '../../cli-helper.js'
import { API, build } from '../../helper.js'

test('audit verify says whether a file is whole, and where it breaks', async (t) => {
  const file = join(t.testdir(), 'audit.log')
  const { app } = await build(t, { ...API.environment, AUDIT_LOG: file })
  for (let i = 0; i < 30; i++) await app.inject({ url: '/v1/numbers', headers: API.headers })
  await app.close()
  const verify = (...args: string[]) => cli(['audit', 'verify', ...args], {})
  t.match(await verify(file), { code: 0, out: 'OK  32 lines in 1 chains\n' })

  const lines = readFileSync(file, 'utf8').split('\n')
  const rest = join(t.testdirName, 'audit.log.1')
  writeFileSync(file, `${lines.slice(0, 10).join('\n')}\n`)
  writeFileSync(rest, lines.slice(10).join('\n'))
  t.match(await verify(file), { code: 0, out: /1 of them without an end/ })
  t.match(await verify(file, rest), { code: 0, out: /^OK {2}32 lines/ })
  t.match(await verify(rest), { code: 1, out: /^line 1: chain \S+ begins before it: 10 stand/ })

  writeFileSync(file, lines.filter((_, i) => i !== 10).join('\n'))
  t.match(await verify(file), {
    code: 1,
    out: /^line 11: 1 of chain \S+ are missing before it\nBROKEN {2}31/,
  })
  t.match(JSON.parse((await verify(file, '--json')).out), {
    lines: 31,
    chains: 1,
    open: 0,
    breaks: [{ line: 11 }],
  })

  writeFileSync(file, lines.join('\n').replaceAll('"status":200', '"status":500'))
  t.match(await verify(file), { code: 1, out: /^and 11 more$/m })
})

test('audit verify needs a file with audit lines', async (t) => {
  const empty = join(t.testdir({ empty: 'nothing' }), 'empty')
  t.match(await cli(['audit', 'verify', empty], {}), { code: 2, err: /no line of an audit trail/ })
  t.match(await cli(['audit', 'verify', `${empty}-not`], {}), { code: 2, err: /cannot be read \(ENOENT\)/ })
})

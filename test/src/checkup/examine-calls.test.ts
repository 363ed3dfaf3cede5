import { test } from 'tap'
import { examineCalls } from '../../../src/checkup/examine-calls.js'
import type { Io } from '../../../src/cli/io.js'
import type { Config } from '../../../src/config/schema.js'
import type { RecentCall } from '../../../src/vobiz/calls-api.js'

const NOW = Date.UTC(2100, 0, 1)
const MINUTE = 60_000

const ended = (code: string, minutes: number): RecentCall => ({ code, endedAt: NOW - minutes * MINUTE })

/** What is found, with these calls. */
function examine(calls: readonly RecentCall[], ANSWER_FIRST: 'off' | 'wait' = 'off') {
  const io = { now: () => NOW } as Io
  return examineCalls(io, { ANSWER_FIRST } as Config, { recentCalls: async () => [...calls] })
}

test('calls that ended in a usual way are well', async (t) => {
  t.same(await examine([]), [{ check: 'recent calls', ok: true, seen: 'none within a day' }])
  const all = [ended('4000', 1), ended('3000', 2), ended('', Number.NaN)]
  t.match(await examine(all), [{ ok: true, seen: '2 within a day, none of which died' }])
  t.match(
    await examine([ended('8011', 24 * 60)]),
    [{ ok: true }],
    'what is older was mended, or nobody calls',
  )
})

test('each death is named with the setting that helps', async (t) => {
  for (const [code, remedy] of [
    ['8011', /^set ANSWER_FIRST=wait/],
    ['7011', /PUBLIC_BASE_URL.*certificate/],
    ['3030', /^rent/],
    ['5030', /concurrent calls/],
  ] as const) {
    const [finding, ...others] = await examine([ended(code, 90), ended(code, 12), ended('4000', 1)])
    t.match(finding, {
      check: 'recent calls',
      ok: false,
      seen: new RegExp(`^2 of 3 .*\\(${code}\\), the last one 12 min ago`),
    })
    t.match(finding?.remedy, remedy)
    t.same(others, [])
  }
  t.match(await examine([ended('8011', 1)], 'wait'), [{ ok: false, remedy: /something on the way/ }])
  t.equal((await examine([ended('8011', 1), ended('7011', 1)])).length, 2)
  t.match(await examine([ended('7011', -1)]), [{ seen: /the last one 0 min ago/ }], 'by the clock of the API')
})

test('an API that does not tell of calls is no fault', async (t) => {
  const io = { now: () => NOW } as Io
  const recentCalls = () => Promise.reject(new Error('not there'))
  t.match(await examineCalls(io, {} as Config, { recentCalls }), [
    { ok: true, seen: 'the API does not tell' },
  ])
})

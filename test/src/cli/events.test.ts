import { Webhook } from 'standardwebhooks'
import { type Test, test } from 'tap'
import type { Io } from '../../../src/cli/io.js'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { testClock } from '../../clocks.js'
import { API, build } from '../../helper.js'

const HOOK = 'http://127.0.0.1:3000/hook'

interface Forwarded {
  readonly headers: Record<string, string>
  readonly body: string
}

/** A service, and a command that follows it while something happens after each of its looks. */
async function service(t: Test, answer: () => Response = () => new Response(null, { status: 204 })) {
  const clock = testClock(Date.now())
  const { app } = await build(t, API.environment, clock)
  const forwarded: Forwarded[] = []
  const outside: typeof fetch = async (input, init) => {
    if (String(input) !== HOOK) return fetchWith(app)(input, init)
    forwarded.push({ headers: init?.headers as Record<string, string>, body: String(init?.body) })
    return answer()
  }
  let people = 11
  async function open(): Promise<void> {
    const [first, second] = [`9188888000${people}`, `9188888000${people + 1}`]
    people += 2
    const payload = { participants: [{ number: first }, { number: second }] }
    await app.inject({ method: 'POST', url: '/v1/sessions', headers: API.headers, payload })
    clock.time += 2_000
    await clock.tick(1_000)
  }
  async function run(args: string[], steps: readonly (() => Promise<unknown>)[], world: Partial<Io> = {}) {
    let interrupt: () => void = () => undefined
    const interrupted = new Promise<void>((resolve) => {
      interrupt = resolve
    })
    const left = [...steps]
    return cli(args, API.environment, {
      fetch: outside,
      now: clock.now,
      untilInterrupted: () => interrupted,
      async sleep() {
        const step = left.shift()
        if (step) await step()
        else interrupt()
      },
      ...world,
    })
  }
  return { app, clock, forwarded, open, run }
}

const LOCAL = ['--url', PUBLIC]

test('events are printed as they happen, each once', async (t) => {
  const { open, run } = await service(t)
  await open()
  const nothing = async () => undefined
  const { code, out } = await run(['events', 'tail', ...LOCAL], [nothing, open, nothing, open, nothing])
  t.equal(code, 0)
  const lines = out.trim().split('\n')
  t.equal(lines.length, 2, out)
  t.match(lines[0], /^\d{4}-\S+Z session\.opened s_\S+ evt_\S+$/)
  t.not(lines[0], lines[1])
})

test('what happened before is printed where it is asked for, in lines of JSON', async (t) => {
  const { clock, open, run } = await service(t)
  const since = new Date(clock.time).toISOString()
  for (const _ of [1, 2, 3]) await open()
  const args = ['events', 'tail', ...LOCAL, '--since', since, '--json', '--type', 'session.opened']
  const { out } = await run(args, [])
  t.match(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    Array(3).fill({ type: 'session.opened' }),
  )
  t.equal((await run(['events', 'tail', ...LOCAL, '--since', since, '--session', 's_none'], [])).out, '')
  const wrong = await run(['events', 'tail', ...LOCAL, '--since', 'yesterday'], [])
  t.match(wrong, { code: 2, err: /--since takes a time/ })
})

const ABOUT = [{ call_id: 'c1' }, { call_id: null }]

test('many events come in pages', async (t) => {
  const { app, clock, run } = await service(t)
  const since = new Date(clock.time).toISOString()
  await app.events.outbox.add(
    Array.from({ length: 202 }, (_, i) => ({
      id: `evt_${i}`,
      type: 'carrier.trouble' as const,
      at: clock.time,
      data: { version: 1 as const, ...(ABOUT[i] ?? { webhook_id: 'wh_a' }) },
    })),
  )
  const { out } = await run(['events', 'tail', ...LOCAL, '--since', since], [])
  t.equal(out.trim().split('\n').length, 202)
  t.match(out, /carrier\.trouble evt_1\n/, 'about nothing that has an id')
  t.match(out, /carrier\.trouble c1 evt_0\n/)
  t.match(out, /carrier\.trouble wh_a evt_2\n/)
})

test('events are sent to a server on this machine, signed by the secret that is printed', async (t) => {
  const { forwarded, open, run } = await service(t)
  const { code, out } = await run(['events', 'listen', '--forward', HOOK, ...LOCAL], [open])
  t.equal(code, 0)
  const [, secret = ''] = /^secret (whsec_\S+)$/m.exec(out) ?? []
  const [{ headers, body }] = forwarded as [Forwarded]
  t.match(new Webhook(secret).verify(body, headers), { type: 'session.opened', data: { sequence: 1 } })
  t.match(out, /^204 \S+ session\.opened s_/m)
})

test('a server that does not answer is told, and where it is must be sensible', async (t) => {
  const { open, run } = await service(t, () => {
    throw new TypeError('fetch failed')
  })
  t.match(
    (await run(['events', 'listen', '--forward', HOOK, ...LOCAL], [open])).out,
    /^- \S+ session\.opened/m,
  )
  const wrong = await run(['events', 'listen', '--forward', 'http://shop.example.com/', ...LOCAL], [])
  t.match(wrong, { code: 2, err: /--forward takes/ })
})

test('a problem of the API ends it', async (t) => {
  const { run } = await service(t)
  const world = { environment: { API_KEYS: 'another-key-of-nobody-00' } }
  t.match(await run(['events', 'tail', ...LOCAL], [], world), { code: 1, err: /No valid API key/ })
  const since = ['--since', '2100-01-01T00:00:00Z']
  t.match(await run(['events', 'tail', ...LOCAL, ...since], [], world), { code: 1 })
})

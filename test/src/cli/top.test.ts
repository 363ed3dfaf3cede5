import { type Test, test } from 'tap'
import { cli, fetchWith, PUBLIC } from '../../cli-helper.js'
import { PAIR, webhook } from '../../fixtures.js'
import { API, build } from '../../helper.js'

const KEY = API.environment.API_KEYS
const OTHER = 'https://other.example.com'

/** A command line for an instance to which somebody calls between two looks. */
async function instance(t: Test, environment: Record<string, string> = API.environment) {
  const { app } = await build(t, environment)
  const answered = fetchWith(app)
  let time = 0
  let looks = 0
  const world = {
    fetch: (async (input, init) => {
      if (!String(input).startsWith(PUBLIC)) throw new TypeError('fetch failed')
      return answered(input, init)
    }) as typeof fetch,
    now: () => time,
    sleep: async (ms: number) => {
      time += ms
      looks += 1
      await app.inject(webhook({ From: PAIR.FE, To: PAIR.M1 }))
      await app.inject(webhook({ From: PAIR.FE, To: PAIR.M2 }))
    },
  }
  return { app, world, looks: () => looks }
}

test('top --once shows what an instance does', async (t) => {
  const { app, world } = await instance(t)
  await app.poolCounter.upkeep()
  const { code, out, err } = await cli(['top', '--once', '--url', PUBLIC], { API_KEYS: KEY }, world)
  t.equal(err, '')
  t.equal(code, 0)
  t.match(out, /^instances\s*1 of 1 answer; version 0\.1\.0$/m)
  t.match(out, /^calls {5}1 a second; 0\.5 connect, 0\.5 refuse$/m)
  t.match(out, /^refused {3}0\.5 unknown-caller$/m)
  t.match(out, /^answers {3}half within .* ms, 99 of 100 within .* ms$/m)
  t.match(out, /^pool {6}3 numbers, and 0 draining; 0 sessions open; head-room 3$/m)
  t.match(out, /^store {5}memory is up; 0 operations a second$/m)
  t.match(out, /^events +\? to tell, and \? to deliver$/m, 'it was not looked at yet')
})

test('top --once --json is for scripts, and its code tells of an instance that does not answer', async (t) => {
  const { world } = await instance(t)
  const args = ['top', '--once', '--json', '--interval', '10', '--url', PUBLIC]
  const { code, out } = await cli(args, { API_KEYS: KEY }, world)
  t.equal(code, 0)
  t.match(JSON.parse(out), {
    instances: [{ url: PUBLIC, up: true }],
    seconds: 10,
    calls: { per_second: 0.2, outcomes: { connect: 0.1, refuse: 0.1 } },
  })
  const two = await cli([...args, OTHER], { API_KEYS: KEY }, world)
  t.equal(two.code, 1)
  t.match(JSON.parse(two.out).instances, [{ up: true }, { url: OTHER, up: false }])
  const told = await cli(['top', '--once', '--url', PUBLIC, OTHER], { API_KEYS: KEY }, world)
  t.match(told.out, `1 of 2 answer; version 0.1.0; not ${OTHER}\n`)
  t.match((await cli(['top', '--once', '--url', OTHER], { API_KEYS: KEY }, world)).out, '? is down')
})

test('top goes on until it is interrupted, on an empty terminal each time', async (t) => {
  const { world, looks } = await instance(t)
  let cleared = 0
  let interrupt = () => {}
  const { code, out } = await cli(
    ['top', '--url', PUBLIC],
    { API_KEYS: KEY },
    {
      ...world,
      async sleep(ms: number) {
        await world.sleep(ms)
        if (looks() === 3) interrupt()
      },
      clear() {
        cleared += 1
      },
      untilInterrupted: () =>
        new Promise<void>((resolve) => {
          interrupt = resolve
        }),
    },
  )
  t.equal(code, 0)
  t.equal(cleared, 3)
  t.equal(out.match(/^instances/gm)?.length, 3)
})

test('failures, trouble and a busy process are told where there are any', async (t) => {
  const scrape = (n: number) => `callmask_store_up{kind="file"} 1
callmask_store_failures_total{operation="read"} ${n}
callmask_call_troubles_total{trouble="out_of_credit"} ${n}
callmask_store_unconfirmed_changes ${n}
callmask_events_waiting{stage="to_tell"} 0
callmask_events_waiting{stage="to_deliver"} 7
callmask_events_oldest_waiting_seconds{stage="to_deliver"} 61.5
callmask_events_dropped_total 5
callmask_event_deliveries_total{result="retrying"} ${n}
callmask_event_endpoints{state="on"} 1
callmask_event_endpoints{state="failing"} 1
callmask_event_endpoints{state="off"} 0
callmask_event_loop_lag_seconds_bucket{le="0.1"} ${n}
callmask_event_loop_lag_seconds_bucket{le="+Inf"} ${n}
`
  let looks = 0
  const fetch = async () => {
    looks += 1
    return new Response(scrape(looks * 2))
  }
  const { out } = await cli(
    ['top', '--once', '--url', PUBLIC],
    { API_KEYS: KEY },
    { fetch, now: () => looks * 1_000 },
  )
  t.match(out, '2 failures a second')
  t.match(out, /^troubles +4 out_of_credit$/m)
  t.match(out, '; 4 changes without a replica\n')
  t.match(out, /^events +0 to tell, and 7 to deliver; the oldest has waited for 62 seconds; 5 dropped$/m)
  t.match(out, /^sent +2 retrying$/m)
  t.match(out, /^endpoints +1 on, 1 failing, 0 off$/m)
  t.match(out, 'held up for 99 ms (99 of 100)')
})

test('whoever may not read metrics is told what to do', async (t) => {
  const said = async (status: number) => {
    const fetch = async () => new Response('', { status })
    const { code, err } = await cli(['top', '--once', '--url', PUBLIC], { API_KEYS: KEY }, { fetch })
    t.equal(code, 2)
    return err
  }
  t.match(await said(401), 'does not know the key')
  t.match(await said(403), 'metrics:read')
  t.match(await said(404), 'ADMIN_PORT')
  t.match(await said(302), 'status 302')
  t.match(await cli(['top', '--once'], {}), { code: 2, err: /API_KEYS is missing/ })
})

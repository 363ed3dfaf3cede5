import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../nemesis.js'
import { between } from '../people.js'
import type { OneServer } from '../topologies/one-server.js'

const QUICKLY_MS = 1_000
/** A connection without answers has to be given up first. */
const AFTER_SILENCE_MS = 3_000

/** What happens to one server and the way to it. */
export function faultsOfOneServer({ server: { service }, proxy }: OneServer): Fault[] {
  const weather = (name: 'black-hole' | 'mute' | 'late', told: string): Fault => ({
    name: told,
    limitMs: AFTER_SILENCE_MS,
    async strike() {
      proxy.setWeather(name)
      await sleep(3_000)
    },
    mend: async () => proxy.setWeather('clear'),
  })

  return [
    {
      name: 'the store stands still',
      limitMs: QUICKLY_MS,
      async strike() {
        service.signal('SIGSTOP')
        await sleep(between(2_000, 4_000))
      },
      mend: async () => service.signal('SIGCONT'),
    },
    {
      name: 'the store is killed',
      limitMs: QUICKLY_MS,
      async strike() {
        await service.kill()
        await sleep(between(0, 1_500))
      },
      mend: () => service.start(),
    },
    weather('late', 'requests are delivered late'),
    weather('black-hole', 'everything is swallowed'),
    {
      name: 'connections are not accepted',
      limitMs: AFTER_SILENCE_MS,
      async strike() {
        await proxy.ignore()
        await sleep(3_000)
      },
      mend: () => proxy.accept(),
    },
    weather('mute', 'replies are swallowed'),
    {
      name: 'connections are refused',
      limitMs: QUICKLY_MS,
      async strike() {
        await proxy.refuse()
        await sleep(2_000)
      },
      mend: () => proxy.accept(),
    },
  ]
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../nemesis.js'
import { pick } from '../people.js'
import { SERVERS_ADDRESS } from '../processes.js'
import type { Sentinels, WatchedServer } from '../topologies/sentinels.js'

const RECOVERY_MS = 2_000
/** Where calls should not be interrupted at all. */
const AT_ONCE_MS = 500

/** What happens to a primary, its replica and the sentinels. */
export function faultsOfSentinels(topology: Sentinels): Fault[] {
  let primary: WatchedServer
  let stalled = pick(topology.sentinels)

  async function lose(how: (lost: WatchedServer) => Promise<unknown>): Promise<void> {
    primary = await topology.primary()
    await how(primary)
    await topology.promotion(primary)
  }

  return [
    {
      name: 'the primary is killed',
      limitMs: RECOVERY_MS,
      strike: () => lose(({ service }) => service.kill()),
      async heal() {
        await primary.service.start()
        await topology.whole()
      },
    },
    {
      name: 'a sentinel stands still and the primary is killed',
      limitMs: RECOVERY_MS,
      async strike() {
        stalled = pick(topology.sentinels)
        stalled.service.signal('SIGSTOP')
        await lose(({ service }) => service.kill())
      },
      async heal() {
        await stalled.service.kill()
        await stalled.service.start()
        await primary.service.start()
        await topology.whole()
      },
    },
    {
      name: 'only the instances reach the primary',
      limitMs: RECOVERY_MS,
      strike: () => lose(async ({ gateway }) => gateway.setWeather('black-hole', SERVERS_ADDRESS)),
      async heal() {
        primary.gateway.setWeather('clear')
        primary.gateway.dropAll()
        await topology.whole()
      },
    },
    {
      name: 'the primary stands still',
      limitMs: RECOVERY_MS,
      strike: () => lose(async ({ service }) => service.signal('SIGSTOP')),
      async heal() {
        primary.service.signal('SIGCONT')
        await topology.whole()
      },
    },
    {
      name: 'the replica is killed',
      limitMs: AT_ONCE_MS,
      async strike() {
        primary = await topology.primary()
        for (const { service, gateway } of topology.servers)
          if (gateway !== primary.gateway) await service.kill()
        await sleep(2_000)
      },
      async heal() {
        for (const { service, gateway } of topology.servers)
          if (gateway !== primary.gateway) await service.start()
        await topology.whole()
      },
    },
  ]
}

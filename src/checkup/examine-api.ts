import { hasApi } from '../config/api.js'
import type { Config } from '../config/schema.js'
import { webhookChecks } from '../config/webhook-checks.js'
import { callApi } from './call-api.js'
import type { Finding } from './finding.js'
import { foreignEndpoint } from './settings.js'
import type { World } from './world.js'

/** The parts of the API's view of the pool that we read. */
interface PoolView {
  readonly numbers: readonly unknown[]
  /** Null where it was not counted yet. */
  readonly head_room: number | null
}

/** Whether sessions can be opened, over the way that the business takes. */
export async function examineApi(world: World, config: Config): Promise<Finding[]> {
  const { signedBase } = webhookChecks(config)
  if (!config.API_KEYS || config.ADMIN_PORT === undefined)
    return [await examinePool(world, config, signedBase)]
  return [await examineSeparation(world, signedBase), await examinePool(world, config, undefined)]
}

/** Whether the listener of the business keeps the API away from everybody else. */
async function examineSeparation(world: World, url: string): Promise<Finding> {
  const check = 'API on the public address'
  const foreign = foreignPublicAddress(world)
  if (foreign) return { check, ok: false, seen: 'not asked', remedy: foreign }
  const reply = await callApi(world, { url, method: 'GET', path: '/status' }).catch(() => undefined)
  if (!reply) return { check, ok: true, seen: 'no answer' }
  const { status, isProblem } = reply
  if (!isProblem && status !== 200)
    return { check, ok: true, seen: `is not there (${status}), as it should be` }
  const remedy = 'start the service with the same ADMIN_PORT as here, and let no proxy lead to that port'
  return { check, ok: false, seen: `answers (${status}), although ADMIN_PORT is set`, remedy }
}

/** Why the public address must not get a key, if it must not. */
function foreignPublicAddress(world: World): string | undefined {
  return foreignEndpoint(world, { endpoint: 'PUBLIC_BASE_URL', secret: 'API_KEYS' })
}

/** @param url undefined: the listener of the business on this machine, which may be another one than the service's */
async function examinePool(world: World, config: Config, url: string | undefined): Promise<Finding> {
  const check = 'management API'
  const bad = (seen: string, remedy: string): Finding => ({ check, ok: false, seen, remedy })
  if (!config.API_KEYS && hasApi(config)) {
    const why = config.API_KEY_HASHES ? 'API_KEY_HASHES has no key that could be used here' : 'no API_KEYS'
    return { check, ok: true, seen: `not asked: ${why}` }
  }
  if (!config.API_KEYS) {
    const seen = 'off: no API_KEYS'
    if (!config.MASKING_NUMBERS) return { check, ok: true, seen }
    return bad(seen, 'set API_KEYS: without the API, the numbers of MASKING_NUMBERS can be given to nobody')
  }

  const foreign = url === undefined ? undefined : foreignPublicAddress(world)
  if (foreign) return bad('not asked', foreign)
  const reply = await callApi(world, { url, method: 'GET', path: '/numbers' }).catch(() => undefined)
  if (!reply && url === undefined) {
    return {
      check,
      ok: true,
      seen: 'nothing answers at ADMIN_PORT of this machine: ask on that of the service',
    }
  }
  if (!reply) return bad('no answer in time', 'look at the log of the service')
  const { status, body, isProblem } = reply
  const { numbers, head_room } = (body ?? {}) as Partial<PoolView>
  if (status === 401) return bad('refused (401)', 'the service has other API_KEYS than you here')
  if (status === 404) return bad('is not there (404)', 'start the service with API_KEYS')
  if (isProblem) return bad(`failed (${status})`, 'look at the log of the service')
  if (status !== 200 || !numbers)
    return bad(`no pool (status ${status})`, 'a proxy answers in place of callmask')
  const seen = `${numbers.length} numbers, head-room ${head_room ?? 'not counted yet'}`
  if (head_room === 0)
    return bad(seen, 'rent more numbers and put them into the pool: `npx callmask numbers add`')
  return { check, ok: true, seen }
}

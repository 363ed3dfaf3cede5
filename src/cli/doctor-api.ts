import type { Config } from '../config/schema.js'
import { webhookChecks } from '../config/webhook-checks.js'
import { callApi } from './api.js'
import type { Finding } from './finding.js'
import type { Io } from './io.js'
import { foreignEndpoint } from './settings.js'

/** The parts of the API's view of the pool that we read. */
interface PoolView {
  readonly numbers: readonly unknown[]
  readonly head_room: number
}

/** Whether sessions can be opened, as seen through the public address. */
export async function examineApi(io: Io, config: Config): Promise<Finding> {
  const check = 'management API'
  const bad = (seen: string, remedy: string): Finding => ({ check, ok: false, seen, remedy })
  if (!config.API_KEYS && config.API_KEY_HASHES) {
    return { check, ok: true, seen: 'not asked: API_KEY_HASHES has no key that could be used here' }
  }
  if (!config.API_KEYS) {
    const seen = 'off: no API_KEYS'
    if (!config.MASKING_NUMBERS) return { check, ok: true, seen }
    return bad(seen, 'set API_KEYS: without the API, the numbers of MASKING_NUMBERS can be given to nobody')
  }

  const foreign = foreignEndpoint(io, { endpoint: 'PUBLIC_BASE_URL', secret: 'API_KEYS' })
  if (foreign) return bad('not asked', foreign)
  const { signedBase: url } = webhookChecks(config)
  const reply = await callApi(io, { url, method: 'GET', path: '/numbers' }).catch(() => undefined)
  if (!reply) return bad('no answer in time', 'look at the log of the service')
  const { status, body, isProblem } = reply
  const { numbers, head_room } = (body ?? {}) as Partial<PoolView>
  if (status === 401) return bad('refused (401)', 'the service has other API_KEYS than you here')
  if (status === 404) return bad('is not there (404)', 'start the service with API_KEYS')
  if (isProblem) return bad(`failed (${status})`, 'look at the log of the service')
  if (status !== 200 || !numbers)
    return bad(`no pool (status ${status})`, 'a proxy answers in place of callmask')
  const seen = `${numbers.length} numbers, head-room ${head_room}`
  if (head_room === 0) return bad(seen, 'rent more numbers and add them to MASKING_NUMBERS')
  return { check, ok: true, seen }
}

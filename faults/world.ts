/** One store, three instances that reach it through a proxy, and a load balancer in front. */
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { callBody, FORM } from '../bench/carrier-call.js'
import { freePorts } from '../test/ports.js'
import { type Answered, request } from './http.js'
import { PAIR, POOL } from './people.js'
import { DIRECTORY, type Service, startBalancer, startInstance, startRedis } from './processes.js'
import { type Starvation, watchStarvation } from './starvation.js'
import { startProxy, type TcpProxy } from './tcp-proxy.js'

const INSTANCES = 3
const API_KEY = 'a-key-of-the-fault-tests-0'
/** Time for haproxy to notice, and for requests in flight to finish. */
const SLACK_MS = 1_500

export interface World {
  readonly redis: Service
  readonly proxy: TcpProxy
  readonly instances: readonly Service[]
  readonly front: number
  readonly logs: readonly string[]
  readonly starvation: Starvation
  /** When instances were gone, so that a request may have got no reply. */
  readonly gone: { readonly from: number; until: number }[]
  /** When the store was down. */
  readonly outages: { readonly from: number; until: number }[]
}

export async function startWorld(): Promise<World> {
  const [redisPort = 0, front = 0, ...ports] = await freePorts(2 + INSTANCES)
  const redis = await startRedis(redisPort, '--appendonly', 'yes', '--appendfsync', 'everysec')
  const proxy = await startProxy(redisPort)
  const environment = {
    ...PAIR,
    MASKING_NUMBERS: POOL.map((number) => `+${number}`).join(),
    API_KEYS: API_KEY,
    API_RATE: '10000',
    STORE_URL: `redis://127.0.0.1:${proxy.port}`,
    STORE_KEY: randomBytes(32).toString('base64'),
    // So short that people soon get a number for another counterpart, which is where misroutes would come from.
    NUMBER_REST: '1',
    WEBHOOK_AUTH: 'optional',
    DRAIN_DELAY: '0',
    LOG_LEVEL: 'info',
  }
  const logs = ports.map((_, i) => join(DIRECTORY, `instance-${i + 1}.log`))
  const instances = await Promise.all(
    ports.map((port, i) => startInstance(port, environment, logs[i] as string)),
  )
  await startBalancer(front, ports)
  const starvation = watchStarvation(() => [process.pid, redis.pid, ...instances.map(({ pid }) => pid)])
  return { redis, proxy, instances, front, logs, starvation, gone: [], outages: [] }
}

export function askApi(
  { front }: World,
  method: string,
  path: string,
  { body, key }: { readonly body?: object; readonly key?: string } = {},
): Promise<Answered> {
  return request({
    port: front,
    method,
    path,
    headers: {
      authorization: `Bearer ${API_KEY}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(key && { 'idempotency-key': key }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
}

/** Reports a call as the carrier does. */
export function askAnswer(port: number, caller: string, dialled: string): Promise<Answered> {
  const body = callBody(caller, dialled).replace(/CallUUID=[^&]*/, `CallUUID=${randomUUID()}`)
  return request({ port, method: 'POST', path: '/answer', headers: FORM, body })
}

/** Whether an instance was gone during a request, so that it may have got lost with it. */
export function mayBeLost({ gone }: World, { begun, ended }: Answered): boolean {
  return gone.some(({ from, until }) => from <= ended && begun <= until + SLACK_MS)
}

export function isOutage({ outages }: World, { begun, ended }: Answered): boolean {
  return outages.some(({ from, until }) => from <= begun && ended <= until)
}

/** Notes a span of time, which goes on until the function that it returns is called. */
export function openSpan(spans: { readonly from: number; until: number }[]): () => void {
  const span = { from: performance.now(), until: Number.POSITIVE_INFINITY }
  spans.push(span)
  return () => {
    span.until = performance.now()
  }
}

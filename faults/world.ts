/** A store, three instances that may have clocks of their own, and a load balancer in front. */
import { performance } from 'node:perf_hooks'
import { freePorts } from '../test/ports.js'
import { type ApiOptions, callApi } from './api.js'
import { type Instance, startFleet } from './fleet.js'
import type { Answered } from './http.js'
import { startBalancer } from './processes.js'
import { type Starvation, watchStarvation } from './starvation.js'
import type { Topology } from './topologies/topology.js'

/** Time for haproxy to notice, and for requests in flight to finish. */
const SLACK_MS = 1_500

export interface World<Store extends Topology = Topology> {
  readonly topology: Store
  readonly instances: readonly Instance[]
  readonly front: number
  readonly starvation: Starvation
  /** When instances were gone, so that a request may have got no reply. */
  readonly gone: { readonly from: number; until: number }[]
  /** When the store was down. */
  readonly outages: { readonly from: number; until: number }[]
  end(): Promise<void>
}

/** @param clocks by how many milliseconds each instance's clock is from the true one */
export async function startWorld<Store extends Topology>(
  topology: Store,
  clocks: readonly number[],
): Promise<World<Store>> {
  const [front = 0] = await freePorts(1)
  // The rest is so short that people soon get a number for another counterpart, which is where misroutes would come from.
  const fleet = await startFleet({ storeUrl: topology.storeUrl, clocks, rest: 1 })
  const { instances } = fleet
  const ports = instances.map(({ port }) => port)
  await startBalancer(front, ports)
  const pids = () => [process.pid, ...topology.pids(), ...instances.map(({ pid }) => pid)]
  const starvation = watchStarvation(pids)
  return { topology, instances, front, starvation, gone: [], outages: [], end }

  async function end(): Promise<void> {
    starvation.stop()
    await fleet.end()
    await topology.end()
  }
}

export function askApi(
  { front }: World,
  method: string,
  path: string,
  options?: ApiOptions,
): Promise<Answered> {
  return callApi(front, method, path, options)
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

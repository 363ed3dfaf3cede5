import { createRequire } from 'node:module'
import Negotiator from 'negotiator'
import type { Metric, Registry } from 'prom-client'
import type { Family } from './family.js'

// Its registry alone: the whole package takes ten times as long to load, and calls would wait for that.
const require = createRequire(import.meta.url)
const TextRegistry: typeof Registry = require('prom-client/lib/registry.js')

/** What is sent to whoever asks for the metrics. */
export interface Exposition {
  readonly type: string
  readonly body: string
}

const { PROMETHEUS_CONTENT_TYPE, OPENMETRICS_CONTENT_TYPE } = TextRegistry
/** The first one for those who take any. */
const TYPES = [PROMETHEUS_CONTENT_TYPE, OPENMETRICS_CONTENT_TYPE]

/**
 * Writes metrics in the form that is asked for: OpenMetrics, or the text format of Prometheus, which also goes to those who take
 * neither.
 *
 * @param accept the header
 */
export async function expose(families: readonly Family[], accept: string | undefined): Promise<Exposition> {
  const [type = PROMETHEUS_CONTENT_TYPE] = new Negotiator({ headers: { accept } }).mediaTypes(TYPES)
  // A new one each time: it keeps which form it was last asked for, and two may be asked for at once.
  const registry = new TextRegistry()
  registry.setContentType(type as typeof PROMETHEUS_CONTENT_TYPE)
  for (const family of families) registry.registerMetric(metricOf(family))
  return { type, body: await registry.metrics() }
}

/** What the registry reads of a metric. It renames counters for OpenMetrics. */
function metricOf({ name, help, type, samples }: Family): Metric {
  const metric = {
    name,
    help,
    type,
    get: async () => ({
      name: metric.name,
      help,
      type,
      values: samples.map(({ suffix, labels, value }) => ({
        labels,
        value,
        ...(suffix && { metricName: name + suffix }),
      })),
    }),
  }
  return metric as unknown as Metric
}

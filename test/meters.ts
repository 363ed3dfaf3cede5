import fp from 'fastify-plugin'
import type { Family } from '../src/telemetry/family.js'
import { type Meter, noMeter } from '../src/telemetry/meter.js'

/** Stands in for the plugin that decorates `app.meter`. */
export const meterPlugin = (meter: Meter = noMeter) =>
  fp(
    async (app) => {
      app.decorate('meter', meter)
    },
    { name: 'meter' },
  )

/** The values of a metric that are not 0, by the values of its labels: `{'connect none': 1}`. */
export function valuesOf(families: readonly Family[], name: string): Readonly<Record<string, number>> {
  const { samples = [] } = families.find((family) => family.name === name) ?? {}
  const values = samples.filter(({ value }) => value !== 0)
  return Object.fromEntries(
    values.map(({ suffix = '', labels, value }) => [
      [suffix, ...Object.values(labels)].filter((text) => text !== '').join(' '),
      value,
    ]),
  )
}

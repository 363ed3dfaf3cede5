import { Ajv } from 'ajv'
import type { FastifySchema, RouteOptions } from 'fastify'
import { test } from 'tap'
import { buildApp } from '../../src/app.js'
import { ConfigSchema } from '../../src/config/schema.js'
import { createLogger } from '../../src/logger.js'
import { captured } from '../fixtures.js'
import { API } from '../helper.js'

/** All schemas of a route, by where they are. */
function schemasOf({ body, params, querystring, headers, response }: FastifySchema): [string, object][] {
  const replies = Object.entries((response ?? {}) as Record<string, object>)
  const parts = Object.entries({ body, params, querystring, headers, ...Object.fromEntries(replies) })
  return parts.filter((part): part is [string, object] => part[1] !== undefined)
}

test('all our schemas are right, which no validator looks at when the service starts', async (t) => {
  const routes: RouteOptions[] = []
  const logger = createLogger(captured().stream)
  const app = buildApp({ environment: { ...API.environment, WEBHOOK_AUTH: 'optional' }, logger })
  app.addHook('onRoute', (route) => void routes.push(route))
  t.teardown(() => app.close())
  await app.ready()
  const ajv = new Ajv()
  t.equal(ajv.validateSchema({ type: 'sting' }), false, 'this one is not')
  t.equal(ajv.validateSchema(ConfigSchema), true)
  const found = routes.flatMap(({ method, url, schema }) =>
    schemasOf(schema ?? {}).map(([where, one]) => ({ name: `${method} ${url}: ${where}`, one })),
  )
  const names = found.map(({ name }) => name)
  for (const name of ['POST /answer/: body', 'GET /v1/sessions: querystring', 'GET /v1/status: 200'])
    t.ok(names.includes(name), `${name} is among them`)
  for (const { name, one } of found) t.equal(ajv.validateSchema(one), true, name)
})

import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { test } from 'tap'
import { bodySchema, EVENT_PAYLOADS } from '../src/api/event-payloads.js'
import { EVENT_TYPES } from '../src/events/event.js'
import { API, build } from './helper.js'
import { codeSpans, readPage, tableRows } from './markdown.js'

test('docs/events.md has each event and no other, with its summary', async (t) => {
  const rows = tableRows(readPage('docs/events.md').prose).filter((row) => /^\| `\w+\.\w+` \|/.test(row))
  const told = Object.entries(EVENT_PAYLOADS).map(([type, { summary }]) => `| ${type} | ${summary} |`)
  t.same(
    rows.map((row) => row.replaceAll('`', '')),
    told,
  )
  t.ok(rows.every((row) => codeSpans(row).length > 0))
})

test('each example of an event is as its schema wants it, and the description has both', async (t) => {
  const { app } = await build(t, API.environment)
  const document = (await app.inject({ url: '/openapi.json', headers: API.headers })).json()
  const ajv = new Ajv2020({ strict: false })
  ajvFormats.default(ajv)
  ajv.addSchema(document, 'api')
  for (const type of EVENT_TYPES) {
    const { content } = document.webhooks[type].post.requestBody
    const { schema, examples } = content['application/json']
    const name = String(schema.$ref).split('/').at(-1)
    t.equal(name, bodySchema(type).title)
    const isValid = ajv.getSchema(`api#/components/schemas/${name}`)
    t.ok(isValid?.(examples.one.value), `${type}: ${ajv.errorsText(isValid?.errors)}`)
    t.same(
      Object.keys(examples.one.value.data).sort(),
      Object.keys(EVENT_PAYLOADS[type].data.properties).sort(),
    )
  }
})

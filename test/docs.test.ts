import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { listenHost } from '../src/config/listen-host.js'
import { ConfigSchema } from '../src/config/schema.js'

const variables = Object.entries(ConfigSchema.properties)
const unique = (names: (string | undefined)[]) => [...new Set(names)].sort()
const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

test('.env.example has every variable of the schema and no other, with its default', async (t) => {
  const example = read('.env.example')
  const entries = [...example.matchAll(/^(#?)([A-Z][A-Z0-9_]*)=(.*)$/gm)]
  t.same(unique(entries.map(([, , name]) => name)), unique(variables.map(([name]) => name)))
  for (const [name, schema] of variables) {
    if (schema.default === undefined) continue
    const entry = entries.find((entry) => entry[2] === name)
    t.same([entry?.[1], entry?.[3]], ['#', String(schema.default)], `${name} shows its default`)
  }
})

test("the README's table has every variable of the schema and no other, with its default", async (t) => {
  const rows = [...read('README.md').matchAll(/^\| `([A-Z][A-Z0-9_]*)` \|([^|]*)\|/gm)]
  t.same(unique(rows.map(([, name]) => name)), unique(variables.map(([name]) => name)))
  for (const [name, schema] of variables) {
    if (schema.default === undefined) continue
    const row = rows.find((row) => row[1] === name)
    t.match(row?.[2], String(schema.default), `${name} shows its default`)
  }
})

test('the default of HOST, which depends on NODE_ENV, is shown for both', async (t) => {
  const [here, everywhere] = [listenHost({}), listenHost({ NODE_ENV: 'production' })]
  t.match(read('README.md'), `| \`HOST\` | \`${everywhere}\` in production, else \`${here}\` |`)
  t.match(
    read('.env.example'),
    `Default ${here}, so only on this machine; in production (NODE_ENV) ${everywhere},`,
  )
  t.match(read('.env.example'), `#HOST=${here}\n`)
})

import { createHook } from 'node:async_hooks'
import { test } from 'tap'
import { API, build } from '../helper.js'

const PUBLIC = { ...API.environment, API_DOCS: 'public' }
const WHOLE = ['/openapi.json', '/docs', '/docs/', '/docs/json', '/docs/yaml']

/** What a browser loads from a page, as it reads the page's links. */
function loadedBy(page: string, html: string): string[] {
  return [...html.matchAll(/ (?:href|src)="([^"]+)"/g)].map(
    ([, link = '']) => new URL(link, `http://docs.example${page}`).pathname,
  )
}

for (const page of ['/docs', '/docs/']) {
  test(`${page} shows the description, with nothing from elsewhere`, async (t) => {
    const { app } = await build(t, PUBLIC)
    const { body, headers } = await app.inject(page)
    t.equal(headers['content-type'], 'text/html; charset=utf-8')
    const loaded = loadedBy(page, body)
    t.equal(loaded.length, 5)
    for (const path of loaded) {
      const reply = await app.inject(path)
      t.match(reply, { statusCode: 200 }, path)
      t.match(
        reply.headers['content-type'],
        path.endsWith('.css') ? 'text/css' : path.endsWith('.js') ? 'text/javascript' : 'image/png',
      )
      t.ok(reply.rawPayload.length > 100)
    }
    const [start = ''] = loaded.filter((path) => path.endsWith('/start.js'))
    t.match((await app.inject(start)).body, "new URL('../json'", 'which is /docs/json')
  })
}

test('the description is the same wherever it is, and is made once', async (t) => {
  const { app } = await build(t, PUBLIC)
  const described = await app.inject('/openapi.json')
  t.equal(described.headers['content-type'], 'application/json; charset=utf-8')
  t.match(described.json(), { openapi: '3.1.0' })
  t.equal((await app.inject('/docs/json')).body, described.body)
  t.match((await app.inject('/docs/yaml')).body, /^openapi: 3\.1\.0$/m)

  app.swagger = () => {
    throw new Error('made again')
  }
  for (const path of WHOLE) t.equal((await app.inject(path)).statusCode, 200, path)
})

test('no file is touched for a request', async (t) => {
  const { app } = await build(t, PUBLIC)
  const paths = [...WHOLE, ...loadedBy('/docs', (await app.inject('/docs')).body)]
  const touched: string[] = []
  const watch = createHook({
    init(_id, type) {
      if (/^(FS|FILE)/.test(type)) touched.push(type)
    },
  }).enable()
  t.teardown(() => watch.disable())
  for (const path of paths) t.equal((await app.inject(path)).statusCode, 200, path)
  t.same(touched, [])
})

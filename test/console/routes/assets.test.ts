import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { test } from 'tap'
import { API, build } from '../../helper.js'

/** Where a page says that they are. */
async function place(app: Awaited<ReturnType<typeof build>>['app']): Promise<string> {
  const { payload } = await app.inject('/console/sign-in')
  return /href="([^"]*)pico\.css"/.exec(payload)?.[1] ?? ''
}

test('styles and scripts are for everybody and for ever, in what a browser takes', async (t) => {
  const { app } = await build(t, API.environment)
  const assets = await place(app)
  const get = (name: string, encoding?: string) =>
    app.inject({
      url: assets + name,
      headers: encoding === undefined ? {} : { 'accept-encoding': encoding },
    })
  const plain = await get('console.css')
  t.match(plain, {
    statusCode: 200,
    headers: {
      'content-type': 'text/css; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      'x-content-type-options': 'nosniff',
      'content-encoding': undefined,
      'set-cookie': undefined,
    },
  })
  const br = await get('console.css', 'gzip, deflate, br')
  t.equal(br.headers['content-encoding'], 'br')
  t.ok(brotliDecompressSync(br.rawPayload).equals(plain.rawPayload))
  const gzip = await get('console.css', 'gzip')
  t.equal(gzip.headers['content-encoding'], 'gzip')
  t.ok(gunzipSync(gzip.rawPayload).equals(plain.rawPayload))
  t.equal((await get('console.css', 'br;q=0, identity')).headers['content-encoding'], undefined)
  t.equal((await get('htmx.js')).headers['content-type'], 'text/javascript; charset=utf-8')
})

test('another version, or another file, is not there, and that is not kept', async (t) => {
  const { app } = await build(t, API.environment)
  const [, version = ''] = /assets\/([\da-f]{16})\/$/.exec(await place(app)) ?? []
  for (const path of [
    `0123456789abcdef/console.css`,
    `${version}/none.css`,
    `${version}/..%2fpackage.json`,
    `${version}/`,
  ])
    t.match(
      await app.inject(`/console/assets/${path}`),
      { statusCode: 404, headers: { 'cache-control': 'no-store' } },
      path,
    )
})

import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { test } from 'tap'
import { readAssets } from '../../../src/console/assets.js'

test('the files of the console come in the encoding in which they are smallest', async (t) => {
  const assets = await readAssets()
  t.match(assets.version, /^[\da-f]{16}$/)
  t.equal((await readAssets()).version, assets.version, 'the same files are the same version')
  for (const name of ['console.css', 'console.js', 'pico.css', 'htmx.js', 'uplot.css', 'uplot.js']) {
    const asset = assets.find(name)
    if (!asset) return t.fail(name)
    t.equal(asset.type, `text/${name.endsWith('.css') ? 'css' : 'javascript'}; charset=utf-8`)
    const plain = await asset.in(['deflate', 'identity'])
    t.equal(plain.encoding, undefined)
    const [br, gzip] = [await asset.in(['x', 'gzip', 'br']), await asset.in(['identity', 'gzip'])]
    t.match([br.encoding, gzip.encoding], ['br', 'gzip'])
    t.ok(brotliDecompressSync(br.body).equals(plain.body))
    t.ok(gunzipSync(gzip.body).equals(plain.body))
    t.equal((await asset.in(['br'])).body, br.body, 'it is compressed once')
  }
  for (const name of ['', 'constructor', '../package.json']) t.equal(assets.find(name), undefined)
})

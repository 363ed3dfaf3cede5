import { test } from 'tap'
import { LOOKED_AT_BYTES } from '../../../src/audio/audio-length.js'
import type { Finding } from '../../../src/checkup/finding.js'
import { mp3, wav } from '../../audio-files.js'
import { cli } from '../../cli-helper.js'

const URL_OF_IT = 'https://cdn.example.com/greeting.mp3'

/** Checks a file that a server sends so. */
async function check(reply: (range: string | null) => Response, url = URL_OF_IT) {
  const asked: string[] = []
  const { code, out } = await cli(
    ['audio', 'check', url, '--json'],
    {},
    {
      fetch: async (input, init) => {
        asked.push(String(input))
        return reply(new Headers(init?.headers).get('range'))
      },
    },
  )
  const findings: Finding[] = JSON.parse(out)
  return { code, asked, findings, of: (name: string) => findings.find((finding) => finding.check === name) }
}

const whole = (file: Buffer) => () =>
  new Response(new Uint8Array(file), { headers: { 'content-length': String(file.length) } })

test('audio check says that a file is fit', async (t) => {
  const file = wav({ seconds: 4 })
  const { code, out } = await cli(['audio', 'check', URL_OF_IT], {}, { fetch: async () => whole(file)() })
  t.equal(code, 0)
  t.equal(
    out,
    `✓ address: reached over https
✓ type: WAV, by its first bytes
✓ length: 4.0 s
✓ sound: 8000 Hz, mono
✓ size: 33 kB
`,
  )
})

test('it asks for the beginning alone, and reads no more where the whole comes', async (t) => {
  const file = mp3(30_000)
  const part = await check((range) => {
    t.equal(range, `bytes=0-${LOOKED_AT_BYTES - 1}`)
    const headers = { 'content-range': 'bytes 0-29999/30000' }
    return new Response(new Uint8Array(file), { status: 206, headers })
  })
  t.equal(part.code, 0)
  t.match(part.of('type'), { seen: 'MP3, by its first bytes' })
  t.match(part.of('length'), { seen: '30.0 s' })
  t.match(part.of('sound'), { seen: /16000 Hz, mono; 8000 Hz/ })
  let pulled = 0
  const endless = await check(
    () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            pulled += 1
            controller.enqueue(mp3(64 * 1024))
          },
        }),
      ),
  )
  t.ok(pulled < 10)
  t.match(endless.of('size'), { ok: true, seen: 'the server does not tell' })
  t.match(endless.of('length'), { ok: true, seen: /does not tell/ })
})

test('it says what is not fit, and what to do', async (t) => {
  for (const url of ['http://example.com/a.mp3', 'nonsense', 'ftp://example.com/a.mp3']) {
    const { code, asked, of } = await check(whole(wav()), url)
    t.equal(code, 1)
    t.same(asked, [])
    t.match(of('address'), { ok: false, seen: 'is no https URL', remedy: /https/ })
  }
  const status = (code: number) => () => new Response(code === 403 ? 'forbidden' : null, { status: code })
  t.match((await check(status(302))).of('address'), { ok: false, seen: /leads to another address \(302\)/ })
  t.match((await check(status(403))).of('address'), { ok: false, seen: 'cannot be fetched (403)' })
  const broken = await check(() => {
    throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'CERT_HAS_EXPIRED' } })
  })
  t.match(broken.of('address'), { ok: false, seen: 'no answer (CERT_HAS_EXPIRED)', remedy: /certificate/ })

  const page = await check(() => new Response('<html>not found</html>'))
  t.equal(page.code, 1)
  t.match(page.of('type'), { ok: false, remedy: /ffmpeg/ })
  t.match(page.of('length'), { ok: true, seen: /does not tell/ })
  const none = await check(() => new Response(null))
  t.match(none.of('type'), { ok: false })
  t.match((await check(whole(wav({ seconds: 0 })))).of('length'), { ok: false, seen: '0.0 s' })
  const long = await check(whole(wav({ seconds: 40, sampleRate: 16_000, channels: 2 })))
  t.match(long.of('length'), { ok: false, remedy: /below 30 s/ })
  t.match(long.of('sound'), { ok: true, seen: /16000 Hz, 2 channels; / })
  t.match(long.of('size'), { ok: false, seen: '1281 kB', remedy: /smaller/ })
})

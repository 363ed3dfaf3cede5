import { test } from 'tap'
import { cli, PUBLIC } from '../../cli-helper.js'
import { PAIR } from '../../fixtures.js'

const ELSEWHERE = 'https://elsewhere.example.com/v1'
const TOKEN = 'a-token-of-the-account'
const ACCOUNT = { ...PAIR, VOBIZ_AUTH_ID: 'MA_1', VOBIZ_AUTH_TOKEN: TOKEN }

/** Where a command sends something, with these variables in the process and those in the file. */
async function sends(args: string[], environment: Record<string, string>, file: Record<string, string>) {
  const urls: string[] = []
  const fetch: typeof globalThis.fetch = async (url) => {
    urls.push(String(url))
    return new Response('{"objects":[],"items":[]}', { status: 200 })
  }
  const inFile = Object.entries(file).filter(([name]) => environment[name] === undefined)
  const world = { fetch, fileEnvironment: Object.fromEntries(inFile) }
  const { code, err, out } = await cli(args, { ...file, ...environment }, world)
  return { code, err, out, hosts: [...new Set(urls.map((url) => new URL(url).host))] }
}

test('a token of the environment is not sent to an endpoint of .env', async (t) => {
  const refused = await sends(['numbers'], ACCOUNT, { VOBIZ_API_BASE: ELSEWHERE })
  t.match(refused, { code: 2, hosts: { length: 0 } })
  t.match(refused.err, /VOBIZ_API_BASE comes from the file \.env, but VOBIZ_AUTH_TOKEN does not.*set both/)
  t.notMatch(refused.err, TOKEN)

  const allowed: [Record<string, string>, Record<string, string>, string][] = [
    [{}, { ...ACCOUNT, VOBIZ_API_BASE: ELSEWHERE }, 'elsewhere.example.com'],
    [{ ...ACCOUNT, VOBIZ_API_BASE: ELSEWHERE }, {}, 'elsewhere.example.com'],
    [{ VOBIZ_API_BASE: ELSEWHERE }, ACCOUNT, 'elsewhere.example.com'],
    [ACCOUNT, { VOBIZ_API_BASE: 'https://api.vobiz.ai/api/v1' }, 'api.vobiz.ai'],
    [ACCOUNT, {}, 'api.vobiz.ai'],
  ]
  for (const [environment, file, host] of allowed) {
    t.same((await sends(['numbers'], environment, file)).hosts, [host])
  }
})

test('init does not send a token to an endpoint that only .env names', async (t) => {
  const args = ['init', '--yes', '--auth-id', 'MA_1', '--auth-token', TOKEN, '--public-url', PUBLIC]
  const file = { VOBIZ_API_BASE: ELSEWHERE, VOBIZ_AUTH_TOKEN: 'another-token' }
  t.match(await sends([...args, '--force'], {}, file), { code: 2, hosts: { length: 0 } })
})

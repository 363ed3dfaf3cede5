import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'tap'
import { signature, signatureHeaders, verifySignature } from '../../../src/vobiz/signature.js'

const URL = 'https://mask.example.com/webhooks/vobiz/answer'
const TOKEN = 'test_auth_token'
const NONCE = '12345678901234567890'
const tokens = { own: [TOKEN], parent: [] }

/** The documented formulas, written down a second time: V2 joins URL and nonce directly, V3 with a dot. */
const independent = {
  v2: (url: string, token: string, nonce: string) =>
    createHmac('sha256', Buffer.from(token))
      .update(Buffer.from(`${url}${nonce}`))
      .digest()
      .toString('base64'),
  v3: (url: string, token: string, nonce: string) =>
    createHmac('sha256', Buffer.from(token))
      .update(Buffer.from(`${url}.${nonce}`))
      .digest()
      .toString('base64'),
}

const v3 = { 'x-vobiz-signature-v3': independent.v3(URL, TOKEN, NONCE), 'x-vobiz-signature-v3-nonce': NONCE }
const v2 = { 'x-vobiz-signature-v2': independent.v2(URL, TOKEN, NONCE), 'x-vobiz-signature-v2-nonce': NONCE }

test('signatures match the published test vectors', async (t) => {
  t.equal(signature('v2', URL, TOKEN, NONCE), 'IVnftf9lfhZ4beWGt1fUJjX7gh8pyvtX3EcyvCldcpg=')
  t.equal(signature('v3', URL, TOKEN, NONCE), 'j32IqNTco6lNFPoMGktUVRzYZE8e5oqfhBF5jafv0mI=')
})

test('verifySignature', async (t) => {
  const parent = independent.v3(URL, 'parent', NONCE)
  const otherNonce = '98765432109876543210'
  const cases = [
    { name: 'V3', headers: v3, kind: 'valid', nonces: [NONCE] },
    { name: 'V2 where there is no V3', headers: v2, kind: 'valid', nonces: [NONCE] },
    {
      name: 'both, each with its nonce',
      headers: {
        ...v3,
        'x-vobiz-signature-v2': independent.v2(URL, TOKEN, otherNonce),
        'x-vobiz-signature-v2-nonce': otherNonce,
      },
      kind: 'valid',
      nonces: [NONCE, otherNonce],
    },
    {
      name: 'a valid V3 beside a V2 with no nonce',
      headers: { ...v3, 'x-vobiz-signature-v2': 'x', 'x-vobiz-signature-v2-nonce': 'x' },
      kind: 'valid',
      nonces: [NONCE],
    },
    {
      name: 'a wrong V3 beside a valid V2',
      headers: { ...v2, ...v3, 'x-vobiz-signature-v3': 'x' },
      kind: 'wrong',
    },
    { name: 'no signature', headers: {}, kind: 'unsigned' },
    { name: 'V1 alone', headers: { 'x-vobiz-signature': 'x' }, kind: 'wrong' },
    { name: 'a nonce alone', headers: { 'x-vobiz-signature-v3-nonce': NONCE }, kind: 'wrong' },
    {
      name: 'the parent alone, without its token',
      headers: { 'x-vobiz-signature-ma-v3': parent, 'x-vobiz-signature-v3-nonce': NONCE },
      kind: 'wrong',
    },
    { name: 'no nonce', headers: { ...v3, 'x-vobiz-signature-v3-nonce': undefined }, kind: 'wrong' },
    { name: 'a short nonce', headers: { ...v3, 'x-vobiz-signature-v3-nonce': '1' }, kind: 'wrong' },
    {
      name: 'two nonces',
      headers: { ...v3, 'x-vobiz-signature-v3-nonce': `${NONCE}, ${NONCE}` },
      kind: 'wrong',
    },
    { name: 'nonces as a list', headers: { ...v3, 'x-vobiz-signature-v3-nonce': [NONCE] }, kind: 'wrong' },
    {
      name: 'a doubled signature',
      headers: {
        ...v3,
        'x-vobiz-signature-v3': `${v3['x-vobiz-signature-v3']}, ${v3['x-vobiz-signature-v3']}`,
      },
      kind: 'wrong',
    },
    { name: 'an empty signature', headers: { ...v3, 'x-vobiz-signature-v3': '' }, kind: 'wrong' },
    {
      name: 'a V2 signature as V3',
      headers: { ...v3, 'x-vobiz-signature-v3': v2['x-vobiz-signature-v2'] },
      kind: 'wrong',
    },
    {
      name: 'another spelling of the same base64',
      headers: { ...v3, 'x-vobiz-signature-v3': v3['x-vobiz-signature-v3'].replace('=', '') },
      kind: 'wrong',
    },
  ]
  for (const { name, headers, ...verdict } of cases) {
    t.same(verifySignature(headers, URL, tokens), verdict, name)
  }

  t.test('with a parent token, the parent may sign in place of the account', async (t) => {
    const both = { own: [TOKEN], parent: ['parent'] }
    const byParent = { 'x-vobiz-signature-ma-v3': parent, 'x-vobiz-signature-v3-nonce': NONCE }
    t.match(verifySignature(byParent, URL, both), { kind: 'valid' })
    t.match(verifySignature({ ...byParent, 'x-vobiz-signature-v3': 'x' }, URL, both), { kind: 'valid' })
    t.match(verifySignature({ ...v3, 'x-vobiz-signature-v3': parent }, URL, both), { kind: 'wrong' })
    t.match(verifySignature({ ...v3, 'x-vobiz-signature-ma-v3': 'x' }, URL, both), { kind: 'valid' })
  })

  t.test('while a token is rotated, signatures by either are valid', async (t) => {
    const rotating = { own: ['new', TOKEN], parent: [] }
    t.match(verifySignature(v3, URL, rotating), { kind: 'valid' })
    t.match(verifySignature(signatureHeaders(URL, 'new'), URL, rotating), { kind: 'valid' })
    t.match(verifySignature(v3, URL, { own: ['new'], parent: [] }), { kind: 'wrong' })
    t.match(
      verifySignature(v3, URL, { own: [], parent: [] }),
      { kind: 'wrong' },
      'without a token nothing can be verified',
    )
  })
})

test('signatureHeaders signs with a new nonce each time', async (t) => {
  const [a, b] = [signatureHeaders(URL, TOKEN), signatureHeaders(URL, TOKEN)]
  t.match(a, { 'x-vobiz-signature-v3-nonce': /^\d{20}$/ })
  t.not(a['x-vobiz-signature-v3-nonce'], b['x-vobiz-signature-v3-nonce'])
  t.same(signatureHeaders(URL, TOKEN, NONCE), v3)
})

const RUNS = 100_000

test('no mutation of a valid request is accepted, and no valid one refused', {
  timeout: 60_000,
}, async (t) => {
  const nonce = fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }).map((n) => String(n).padStart(20, '0'))
  const token = fc.string({ minLength: 1, maxLength: 40 })
  const url = fc.stringMatching(/^[\w%./-]{0,30}$/).map((path) => `https://mask.example.com/${path}`)
  const version = fc.constantFrom('v2' as const, 'v3' as const)
  const request = fc.record({ nonce, token, url, version })
  const signed = (r: { nonce: string; token: string; url: string; version: 'v2' | 'v3' }) => ({
    [`x-vobiz-signature-${r.version}`]: independent[r.version](r.url, r.token, r.nonce),
    [`x-vobiz-signature-${r.version}-nonce`]: r.nonce,
  })
  /** One character replaced, inserted or removed. */
  const mutate = (text: string, at: number, kind: number, char: string) => {
    const i = at % (text.length + 1)
    return text.slice(0, i) + (kind === 2 ? '' : char) + text.slice(kind === 1 ? i : i + 1)
  }

  fc.assert(
    fc.property(request, (r) => {
      return verifySignature(signed(r), r.url, { own: [r.token], parent: [] }).kind === 'valid'
    }),
    { numRuns: 10_000 },
  )
  fc.assert(
    fc.property(
      request,
      fc.constantFrom('signature', 'nonce', 'url', 'token'),
      fc.nat(),
      fc.nat(2),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }),
      (r, part, at, kind, char) => {
        const headers: Record<string, string> = signed(r)
        let { url, token } = r
        if (part === 'url') url = mutate(url, at, kind, char)
        else if (part === 'token') token = mutate(token, at, kind, char)
        else {
          const name = `x-vobiz-signature-${r.version}${part === 'nonce' ? '-nonce' : ''}`
          const original = headers[name] ?? ''
          headers[name] = mutate(original, at, kind, char)
          fc.pre(headers[name] !== original)
        }
        fc.pre(part === 'signature' || part === 'nonce' || url !== r.url || token !== r.token)
        // HMAC pads a key with zero bytes, so a zero byte at its end is the same key.
        fc.pre(part !== 'token' || token.replace(/\0+$/, '') !== r.token.replace(/\0+$/, ''))
        return verifySignature(headers, url, { own: [token], parent: [] }).kind === 'wrong'
      },
    ),
    { numRuns: RUNS },
  )
  t.pass(`${RUNS} mutations`)
})

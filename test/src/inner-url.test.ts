import { test } from 'tap'
import { innerUrl } from '../../src/inner-url.js'

const plain = { prefixes: [''], carrierPrefix: '/inner' }
const secret = { prefixes: ['/new', '/old'], carrierPrefix: '/inner' }

test('where the carrier may ask, it is led to its routes', async (t) => {
  for (const listener of ['calls', 'both'] as const) {
    for (const below of ['', '/', '?a=b', '/other', '//', '/?x=/answer']) {
      t.equal(innerUrl(`/answer${below}`, listener, plain), `/inner/answer${below}`)
      t.equal(innerUrl(`/new/answer${below}`, listener, secret), `/inner/answer${below}`)
      t.equal(innerUrl(`/old/answer${below}`, listener, secret), `/inner/answer${below}`)
      t.equal(
        innerUrl(`http://mask.example.com/old/answer${below}`, listener, secret),
        `/inner/answer${below}`,
      )
    }
  }
})

test('nobody else is', async (t) => {
  for (const url of [
    '/answer',
    '/newer/answer',
    '/new',
    '/new/answers',
    '/new//answer',
    '/NEW/answer',
    '/',
    '*',
    '',
  ]) {
    t.equal(innerUrl(url, 'both', secret), url)
    t.notMatch(innerUrl(url, 'calls', secret), '/inner')
  }
  for (const url of ['/answer', '/new/answer', '/old/answer']) {
    for (const rules of [plain, secret]) t.equal(innerUrl(url, 'business', rules), url)
  }
})

test('the listener of the calls has the probes besides, and all else leads nowhere', async (t) => {
  for (const url of ['/health', '/health/ready', '/health?x=1']) t.equal(innerUrl(url, 'calls', plain), url)
  const others = [
    '/v1/sessions',
    '/docs',
    '/healthy',
    '/%76%31/sessions',
    '/answer%2f',
    '//v1',
    'http://x/v1/status',
  ]
  for (const url of others) t.match(innerUrl(url, 'calls', plain), /^\/nowhere\//, url)
  t.equal(innerUrl('http://x/v1/status', 'calls', plain), '/nowhere/v1/status')
})

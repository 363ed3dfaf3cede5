import { test } from 'tap'
import { hasApi, hasProvider } from '../../../src/config/api.js'
import { hasConsole, providerName } from '../../../src/config/console.js'

const KEYS = { API_KEYS: 'a-key-of-the-tests-0000' }
const PROVIDER = { OIDC_ISSUER: 'https://id.shop.example:8443/realm' }

test('there is an API where somebody has a key, or may sign in', async (t) => {
  t.equal(hasApi({ CONSOLE: 'on', ...KEYS }), true)
  t.equal(hasApi({ CONSOLE: 'off', ...KEYS }), true)
  t.equal(hasApi({ CONSOLE: 'on', ...PROVIDER }), true)
  t.equal(hasApi({ CONSOLE: 'off', ...PROVIDER }), false)
  t.equal(hasApi({ CONSOLE: 'on' }), false)
})

test('there are pages for people where there is an API, unless they are off', async (t) => {
  t.equal(hasConsole({ CONSOLE: 'on', ...KEYS }), true)
  t.equal(hasConsole({ CONSOLE: 'off', ...KEYS }), false)
  t.equal(hasConsole({ CONSOLE: 'on' }), false)
})

test('a provider is called what the settings say, or by its host', async (t) => {
  t.equal(providerName({ CONSOLE: 'on', ...PROVIDER }), 'id.shop.example:8443')
  t.equal(providerName({ CONSOLE: 'on', ...PROVIDER, OIDC_NAME: 'The shop' }), 'The shop')
  t.equal(providerName({ CONSOLE: 'off', ...PROVIDER }), undefined)
  t.equal(hasProvider({ CONSOLE: 'on' }), false)
})

import { test } from 'tap'
import { en } from '../../../console/texts/en.js'
import { hi } from '../../../console/texts/hi.js'
import { LANGUAGES, languageFor, languageOf, textsIn } from '../../../console/texts/texts.js'
import { API, build } from '../../helper.js'
import { signIn } from '../signed-in.js'

const KEY = API.environment.API_KEYS

/** What Hindi, too, writes as English does: abbreviations, names of variables, and a sign. */
const SAME = ['API key', 'API keys', 'API_KEYS', 'API_KEY_HASHES', 'PIN', 'URL', '?']

/** What the functions are asked for, where it is not this: singular, plural, and beyond each of their limits. */
const USUAL = [
  [0, 1],
  [1, 0],
  [2, 5],
  [90, 7],
  [9_000, 8],
  ['shop-1', 9],
]
const OTHERS: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  'simulator.sessionOf': [['order-1', ['…01', '…02']]],
}

/** Every text by its path, functions by what they were given too. */
function textsOf(texts: object, above = ''): readonly (readonly [path: string, text: string])[] {
  return Object.entries(texts).flatMap(([name, value]) => {
    const path = `${above}${name}`
    if (typeof value === 'string') return [[path, value] as const]
    if (typeof value === 'object') return textsOf(value, `${path}.`)
    return (OTHERS[path] ?? USUAL).map((given) => [`${path}(${given})`, value(...given)] as const)
  })
}

/** What no translation changes: figures, what stands in code, names that were put in. */
function kept(text: string): readonly string[] {
  const found = text.match(
    /\d+|`[^`]+`|[A-Z]+_[A-Z_]+|callmask [a-z ]+|https|webhook[.-]\w+|(?:shop|order)-\d/g,
  )
  return [...(found ?? [])].sort()
}

test('the language is the one that was chosen, else the one that the browser likes best, else English', async (t) => {
  t.equal(languageFor('en', 'hi'), 'en')
  t.equal(languageFor('hi', 'en-GB'), 'hi')
  t.equal(languageFor(undefined, 'en-GB,en;q=0.5'), 'en')
  t.equal(languageFor(undefined, 'hi-IN,hi;q=0.9'), 'hi')
  t.equal(languageFor(undefined, 'en;q=0.5,hi;q=0.9'), 'hi')
  for (const [chosen, accepted] of [
    [undefined, undefined],
    ['xx', 'yy'],
    ['constructor', 'yy, *;q=0'],
    ['', ''],
  ])
    t.equal(languageFor(chosen, accepted), 'en')
  t.equal(languageOf('constructor'), undefined)
  t.equal(textsIn('en').signIn.title, 'Sign in')
  t.equal(textsIn('hi').signIn.title, hi.signIn.title)
})

test('each language says all that English says, in the same order', async (t) => {
  const paths = textsOf(en).map(([path]) => path)
  for (const { texts } of Object.values(LANGUAGES))
    t.strictSame(
      textsOf(texts).map(([path]) => path),
      paths,
    )
})

test('what is said in Hindi is said in Devanagari, but for what is the same everywhere', async (t) => {
  for (const [path, text] of textsOf(hi)) {
    if (SAME.includes(text)) continue
    t.match(text, /\p{Script=Devanagari}/u, path)
    t.notMatch(text, /undefined|\[object|^\s|\s$/, path)
  }
})

test('a translation keeps figures, what was put in, and what stands in code', async (t) => {
  const inHindi = new Map(textsOf(hi))
  for (const [path, text] of textsOf(en)) t.strictSame(kept(inHindi.get(path) ?? ''), kept(text), path)
})

test('a page is in the language of whoever reads, and names the others', async (t) => {
  const { app, logged, audited } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const english = await staff.get('/console/sessions')
  t.match(english.html, /<html lang="en">/)
  t.match(english.html, `<span lang="en">${LANGUAGES.en.own}</span>`)
  t.match(
    english.html,
    `<a lang="hi" hreflang="hi" href="/console/language?code=hi&amp;to=%2Fconsole%2Fsessions">${LANGUAGES.hi.own}</a>`,
  )

  const chosen = await staff.get('/console/language?code=hi&to=/console/sessions')
  t.match(chosen, { status: 303, headers: { location: '/console/sessions' } })
  const [language = ''] = String(chosen.headers['set-cookie']).split(';')
  t.equal(language, 'callmask-language=hi')

  for (const headers of [
    { 'accept-language': 'hi-IN,hi;q=0.9' },
    { cookie: `${staff.cookie}; ${language}`, 'accept-language': 'en' },
  ]) {
    const { html, text } = await staff.get('/console/sessions', headers)
    t.match(html, /<html lang="hi">/)
    t.match(html, `<h1>${hi.sessions.title}</h1>`)
    t.match(text, hi.sessions.empty)
    t.match(html, `<span lang="hi">${LANGUAGES.hi.own}</span>`)
    t.match(
      html,
      `<a lang="en" hreflang="en" href="/console/language?code=en&amp;to=%2Fconsole%2Fsessions">${LANGUAGES.en.own}</a>`,
    )
  }
  t.notMatch(logged() + audited().join(), KEY)
})

test('in Hindi too, what is hostile is escaped and a number that was typed is not shown again', async (t) => {
  const { app, logged, audited } = await build(t, API.environment)
  const staff = await signIn(app, KEY)
  const hindi = { cookie: `${staff.cookie}; callmask-language=hi` }
  const hostile = '"><script>alert(1)</script>'
  const numbers = { 'number-0': '+918888800001', 'number-1': '+918888800003' }
  const opened = await staff.post('/console/sessions/new', { ...numbers, external_id: hostile })
  const [, id = ''] = /<code>(s_[\w-]+)<\/code>/.exec(opened.html) ?? []
  t.not(id, '')

  const pages = ['/console', '/console/sessions', `/console/sessions/${id}`, '/console/simulator']
  for (const path of pages) {
    const { status, html, headers } = await staff.get(path, hindi)
    t.equal(status, 200, path)
    t.notMatch(html, /<script>alert/, path)
    t.notMatch(html + JSON.stringify(headers), /888880000[13]/, path)
  }
  const nothing = await staff.get('/console/numbers/918888800001/nothing', hindi)
  t.equal(nothing.status, 404)
  t.match(nothing.text, hi.frame.notFound)
  t.notMatch(nothing.html + logged() + audited().join(), /888880000[13]/)
})

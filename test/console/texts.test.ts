import { test } from 'tap'
import { languageFor, languageOf, textsIn } from '../../console/texts/texts.js'

test('the language is the one that was chosen, else the one that the browser likes best, else English', async (t) => {
  t.equal(languageFor('en', 'xx'), 'en')
  t.equal(languageFor(undefined, 'en-GB,en;q=0.5'), 'en')
  for (const [chosen, accepted] of [
    [undefined, undefined],
    ['xx', 'yy'],
    ['constructor', 'yy, *;q=0'],
    ['', ''],
  ])
    t.equal(languageFor(chosen, accepted), 'en')
  t.equal(languageOf('constructor'), undefined)
  t.equal(textsIn('en').signIn.title, 'Sign in')
})

import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { PINS } from '../mutations/pins.js'
import { RULES } from '../mutations/rules.js'

test('each mistake of the mutation tests can still be made, at one place', async (t) => {
  for (const { file, from } of [...RULES, ...PINS])
    t.equal(readFileSync(`src/${file}`, 'utf8').split(from).length, 2, `${file}: ${from}`)
})

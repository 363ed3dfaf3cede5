import { test } from 'tap'
import { excessOf, MAX_JSON_DEPTH, MAX_JSON_MEMBERS } from '../../../src/api/json-shape.js'

const nested = (depth: number, [open, close]: readonly [string, string]) =>
  `${open.repeat(depth)}0${close.repeat(depth)}`
const list = (members: number) => JSON.stringify(Array(members).fill(0))

test('excessOf', async (t) => {
  for (const brackets of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    t.equal(excessOf(nested(MAX_JSON_DEPTH, brackets)), undefined)
    t.match(excessOf(nested(MAX_JSON_DEPTH + 1, brackets)), /nested deeper than 8 levels/)
  }
  t.equal(excessOf(list(MAX_JSON_MEMBERS)), undefined)
  t.match(excessOf(list(MAX_JSON_MEMBERS + 1)), /more than 64 members/)
  t.match(
    excessOf(`[${'[],'.repeat(MAX_JSON_MEMBERS / 2)}0]`),
    /more than 64 members/,
    'of all lists together',
  )
  t.match(excessOf(`{${'"a":0,'.repeat(MAX_JSON_MEMBERS)}"a":0}`), /more than 64 members/, 'also of one name')

  t.equal(excessOf(`${'[],'.repeat(20)}[`), undefined, 'those that are closed are not deep')
  t.equal(excessOf(JSON.stringify('[{,'.repeat(1_000))), undefined, 'a text is no structure')
  t.equal(excessOf(JSON.stringify('"[\\'.repeat(1_000))), undefined, 'whatever is escaped in it')
  t.match(excessOf(`"\\\\"${'['.repeat(9)}`), /nested/, 'and it ends where it ends')
  t.equal(excessOf(`"${'['.repeat(9)}`), undefined, 'or not at all')
  t.equal(excessOf('"\\'), undefined)
  t.equal(excessOf(''), undefined)
})

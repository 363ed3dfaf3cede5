import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'tap'
import { createInTurn } from '../../../src/masking/in-turn.js'

/** Work that ends when the test says so. */
function jobs() {
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const job = (name: string) => () => {
    begun.push(name)
    return new Promise<string>((resolve, reject) => {
      ends.set(name, (error) => (error ? reject(error) : resolve(name)))
    })
  }
  return { begun, job, end: (name: string, error?: Error) => ends.get(name)?.(error) }
}

test('jobs about the same thing run one after the other, and others at once', async (t) => {
  const inTurn = createInTurn()
  const { begun, job, end } = jobs()
  const first = inTurn('a', job('a1'))
  const second = inTurn('a', job('a2'))
  const other = inTurn('b', job('b1'))
  await turn()
  t.same(begun, ['a1', 'b1'])
  end('b1')
  t.equal(await other, 'b1')
  t.same(begun, ['a1', 'b1'])
  end('a1')
  t.equal(await first, 'a1')
  await turn()
  t.same(begun, ['a1', 'b1', 'a2'])
  const third = inTurn('a', job('a3'))
  await turn()
  t.equal(begun.length, 3)
  end('a2')
  t.equal(await second, 'a2')
  await turn()
  end('a3')
  t.equal(await third, 'a3')
})

test('a job that fails does so for whoever asked for it, and the next one runs', async (t) => {
  const inTurn = createInTurn()
  const { begun, job, end } = jobs()
  const first = inTurn('a', job('a1'))
  const second = inTurn('a', job('a2'))
  await turn()
  end('a1', new Error('no'))
  await t.rejects(first, { message: 'no' })
  await turn()
  t.same(begun, ['a1', 'a2'])
  end('a2')
  t.equal(await second, 'a2')
  const later = inTurn('a', job('a3'))
  await turn()
  end('a3')
  t.equal(await later, 'a3')
})

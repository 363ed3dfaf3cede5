import { test } from 'tap'
import { createGate } from '../../../src/masking/gate.js'

test('a gate runs a limited number of jobs at once, in order, and a failed job frees its place', async (t) => {
  const gate = createGate(2)
  const begun: number[] = []
  const ends: ((error?: Error) => void)[] = []
  const works = [0, 1, 2, 3, 4].map((i) =>
    gate(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(i)
          ends[i] = (error) => (error ? reject(error) : resolve(i))
        }),
    ),
  )
  t.same(begun, [0, 1])
  ends[1]?.(new Error('failed'))
  await t.rejects(works[1] as Promise<number>, { message: 'failed' })
  t.same(begun, [0, 1, 2])
  ends[0]?.()
  t.equal(await works[0], 0)
  t.same(begun, [0, 1, 2, 3])
  ends[2]?.()
  ends[3]?.()
  await Promise.all([works[2], works[3]])
  t.same(begun, [0, 1, 2, 3, 4])
  ends[4]?.()
  await works[4]

  const again = [0, 1, 2].map((i) => gate(async () => begun.push(10 + i)))
  t.same(begun.slice(5), [10, 11], 'both places are free again, and there is no third')
  await Promise.all(again)
})

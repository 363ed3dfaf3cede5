/**
 * A process that opens a store, to be run by tests: it writes as much as it can, and tells what was acknowledged. Its commands come
 * from standard input.
 */
import { createInterface } from 'node:readline'
import { systemClock } from '../../../../src/clock.js'
import { openFileTexts } from '../../../../src/stores/file/file-texts.js'

const texts = await openFileTexts({
  folder: String(process.argv[2]),
  ...systemClock,
  onChange: (isUp, why) => tell(isUp ? 'up' : `down: ${why}`),
})
let count = 0

function tell(what: string): void {
  process.stdout.write(`${what}\n`)
}

/** Whether it was acknowledged. */
async function put(): Promise<boolean> {
  count += 1
  const name = { kind: 'thing', id: String(count) }
  const done = await texts
    .swap({ name, was: undefined, text: 'x'.repeat(600), until: Number.POSITIVE_INFINITY })
    .catch((error) => String(error.name))
  if (done === true) tell(`acknowledged ${name.id}`)
  else tell(`failed: ${done}`)
  return done === true
}

/** Writes at 16 at once until one fails. */
async function fill(): Promise<void> {
  const writers = Array.from({ length: 16 }, async () => {
    while (await put());
  })
  await Promise.all(writers)
  tell('filled')
}

for await (const command of createInterface(process.stdin)) {
  if (command === 'fill') await fill()
  if (command === 'fill and exit') {
    void fill()
    setImmediate(() => setImmediate(() => process.exit(7)))
  }
  if (command === 'put') await put()
  if (command === 'upkeep') await texts.upkeep()
  if (command === 'close') {
    await texts.close()
    tell('closed')
    break
  }
}

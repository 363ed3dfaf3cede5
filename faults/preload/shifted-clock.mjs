// Loaded into an instance before it starts: its clock is as many milliseconds from the true one as a file says, which is
// read once a second. So a clock can be apart, and be set while the instance runs.
import { readFileSync } from 'node:fs'

const REREAD_MS = 1_000
const file = process.env.FAULT_CLOCK_FILE
const TrueDate = Date
const trueNow = Date.now
let offset = readOffset()
setInterval(() => {
  offset = readOffset()
}, REREAD_MS).unref()

const now = () => trueNow() + offset
TrueDate.now = now
globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args, created) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, created),
  apply: () => new TrueDate(now()).toString(),
})

function readOffset() {
  // A file that is written at this moment may be empty.
  const text = readFileSync(file, 'utf8')
  return text === '' ? offset : Number(text)
}

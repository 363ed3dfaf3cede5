import { realNumbersIn } from '../people.js'
import type { Run } from '../visitor.js'
import type { Exchange } from '../wire.js'

const DEMANDED = {
  heads: 'real numbers in URLs and headers',
  bodies: 'real numbers in what the service sent to a browser',
  asked: 'real numbers sent by another form than one in which they are typed',
  logged: 'real numbers in the log and the audit trail',
  nothing: 'searches that found nothing where a number had been typed',
} as const

/** The forms in which somebody types the number of a person. */
const TYPED = [
  'POST /console/sessions/search',
  'POST /console/sessions/new',
  'POST /console/why',
  'POST /console/simulator/number',
  /^POST \/console\/sessions\/s_[\w-]+\/replace$/,
]

/** Searches all that went over the wire, in all that these tests did. */
export function searchForLeaks({ report, world }: Run): void {
  for (const what of Object.values(DEMANDED)) report.demand(what)
  const { exchanges } = world.wire
  let typed = 0
  for (const { what, heads, asked, answered } of exchanges) {
    look(DEMANDED.heads, what, heads)
    look(DEMANDED.bodies, what, answered())
    if (!isTyped(what)) look(DEMANDED.asked, what, asked)
    else typed += realNumbersIn(asked).length
  }
  look(DEMANDED.logged, 'the log', world.service.logged())
  // A search that finds nothing anywhere is no search.
  if (typed === 0) report.count(DEMANDED.nothing)
  report.count('exchanges searched for real numbers', exchanges.length)
  report.count('real numbers typed in forms', typed)

  function look(demanded: string, what: string, text: string): void {
    for (const number of realNumbersIn(text)) {
      report.count(demanded)
      report.note(`${what}: …${number.slice(-2)}`)
    }
  }
}

function isTyped(what: Exchange['what']): boolean {
  return TYPED.some((form) => (typeof form === 'string' ? form === what : form.test(what)))
}

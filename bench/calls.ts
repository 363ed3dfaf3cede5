import { callBody, FORM } from './carrier-call.js'
import type { Load } from './rounds.js'

/** A call that connects: who calls, which number they dial, and whom they reach. Whole numbers. */
export interface Call {
  readonly caller: string
  readonly dialled: string
  readonly reached: string
}

/**
 * Each request is a call of its own, and each reply must reach the right person.
 *
 * @param onUnanswered called when a call was not connected, where that may happen
 */
export function callsOf(calls: readonly Call[], onUnanswered?: () => void): Load {
  return load(calls, (body, { reached }) => {
    if (body.includes(`<Number>+${reached}</Number>`)) return
    if (body.includes('<Number>')) throw new Error('a call reached the wrong person')
    if (!onUnanswered) throw new Error('a call was not connected')
    onUnanswered()
  })
}

/** The same calls for a server that answers all of them alike. */
export function callsToTheFloor(calls: readonly Call[]): Load {
  return load(calls, () => undefined)
}

function load(calls: readonly Call[], check: (body: string, call: Call) => void): Load {
  let next = 0
  return {
    headers: FORM,
    requests: [
      {
        setupRequest(request, context) {
          const call = calls[next++ % calls.length] as Call
          Object.assign(context, call)
          return { ...request, body: callBody(call.caller, call.dialled) }
        },
        onResponse: (_status, body, context) => check(body, context as Call),
      },
    ],
  }
}

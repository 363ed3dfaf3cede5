import { randomInt, randomUUID } from 'node:crypto'
import { signature } from '../src/vobiz/signature.js'
import { callBody, FORM } from './carrier-call.js'
import { type Asked, type Load, SpoiltError } from './load.js'

/** A call that connects: who calls, which number they dial, and whom they reach. Whole numbers. */
export interface Call {
  readonly caller: string
  readonly dialled: string
  readonly reached: string
}

/** Each request is a new call by one of these in turn, and each reply must reach the right person. */
export function callsOf(calls: readonly Call[]): Load {
  let next = 0
  return () => {
    const { caller, dialled, reached } = calls[next++ % calls.length] as Call
    const wanted = new RegExp(`<Number>\\+?${reached}</Number>`)
    return {
      headers: FORM,
      body: callBody({ id: randomUUID(), caller, dialled }),
      check({ status, body }) {
        if (status === 200 && wanted.test(body)) return
        if (body.includes('<Number>')) throw new Error('a call reached the wrong person')
        throw new SpoiltError('a call was not connected')
      },
    }
  }
}

/** The same calls for a server that answers all of them alike. */
export function callsToTheFloor(calls: Load): Load {
  return () => ({ ...calls(), check: isAnswered })
}

/** The same calls as the carrier signs them: in both of its ways, each with a nonce of its own. */
export function signedCalls(calls: Load, url: string, token: string): Load {
  return () => {
    const asked = calls()
    const [v2, v3] = [nonce(), nonce()]
    const headers = {
      ...asked.headers,
      'x-vobiz-signature-v2': signature('v2', url, token, v2),
      'x-vobiz-signature-v2-nonce': v2,
      'x-vobiz-signature-v3': signature('v3', url, token, v3),
      'x-vobiz-signature-v3-nonce': v3,
    }
    return { ...asked, headers }
  }
}

const isAnswered: Asked['check'] = ({ status }) => {
  if (status !== 200) throw new Error(`the floor answered with ${status}`)
}

function nonce(): string {
  return String(randomInt(10 ** 10)).padStart(20, '0')
}

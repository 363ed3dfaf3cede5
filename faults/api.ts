/** The API of an instance, or of the load balancer before them. */
import { randomUUID } from 'node:crypto'
import { callBody, FORM } from '../bench/carrier-call.js'
import { type Answered, request } from './http.js'

export const API_KEY = 'a-key-of-the-fault-tests-0'

export interface ApiOptions {
  readonly body?: object
  /** An idempotency key. */
  readonly key?: string
}

export function callApi(
  port: number,
  method: string,
  path: string,
  { body, key }: ApiOptions = {},
): Promise<Answered> {
  return request({
    port,
    method,
    path,
    headers: {
      authorization: `Bearer ${API_KEY}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(key && { 'idempotency-key': key }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
}

/** Reports a call as the carrier does. */
export function askAnswer(port: number, caller: string, dialled: string): Promise<Answered> {
  const body = callBody({ id: randomUUID(), caller, dialled })
  return request({ port, method: 'POST', path: '/answer', headers: FORM, body })
}

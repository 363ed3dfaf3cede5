import { Writable } from 'node:stream'
import type { InjectOptions } from 'fastify'

/** The example numbers of the documentation. */
export const PAIR = {
  M1: '919000000001',
  M2: '919000000002',
  FE: '918888800001',
  CUSTOMER: '918888800002',
} as const

export const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
export const FE_REACHES_CUSTOMER = `${DECLARATION}<Response><Dial callerId="919000000002" timeout="30"><Number>918888800002</Number></Dial></Response>`
export const CUSTOMER_REACHES_FE = `${DECLARATION}<Response><Dial callerId="919000000001" timeout="30"><Number>918888800001</Number></Dial></Response>`
export const REFUSAL = `${DECLARATION}<Response><Speak>Sorry, this number is not authorised for your account.</Speak><Hangup reason="rejected"/></Response>`
export const APOLOGY = `${DECLARATION}<Response><Speak>Sorry, we cannot connect your call right now. Please try again in a moment.</Speak><Hangup/></Response>`

/** A stream that keeps what is written to it. */
export function captured(): { stream: Writable; written: () => string } {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream, written: () => chunks.join('') }
}

/** A webhook as the carrier sends it, with these fields. */
export function webhook(fields: Record<string, string> | string): InjectOptions {
  return {
    method: 'POST',
    url: '/answer',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(fields).toString(),
  }
}

/** The lines of a log as objects. */
export function lines(log: string): Record<string, unknown>[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

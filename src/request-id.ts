import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** The header that an id may come in, and that each reply has it in. */
export const REQUEST_ID_HEADER = 'x-request-id'

/** The header of W3C Trace Context, version 00: the id of the trace and that of the sender's step in it. */
const TRACEPARENT = /^00-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/
const HEX_ID = /^(?:[\da-f]{32}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i
const WORD = /^[\w-]{8,64}$/
/** What might be a phone number, once separators are removed. */
const PHONE_NUMBER = /\d{7}/

/**
 * The id of a request, by which its lines in all logs are found: that of the trace it belongs to (`traceparent`), or the
 * sender's own (`x-request-id`), or a new one. Nothing is taken that might be a phone number, for an id is logged.
 */
export function requestIdOf({ traceparent, [REQUEST_ID_HEADER]: given }: IncomingHttpHeaders): string {
  if (typeof traceparent === 'string') {
    const [, traceId = ''] = TRACEPARENT.exec(traceparent) ?? []
    if (isRandomHex(traceId)) return traceId
  }
  if (typeof given === 'string' && (isRandomHex(given) || isWord(given))) return given
  return randomUUID()
}

/** A UUID or 32 hexadecimal digits. What has decimal ones alone is no random id, but might be a number with zeros before it. */
function isRandomHex(id: string): boolean {
  return HEX_ID.test(id) && /[a-f]/i.test(id)
}

function isWord(id: string): boolean {
  return WORD.test(id) && !PHONE_NUMBER.test(id.replaceAll(/[_-]/g, ''))
}

import type { Leg } from '../masking/session.js'
import { dial, hangup, number, response, speak } from './document.js'
import { renderDocument } from './render.js'

/** The XML of a document, ready to be sent. */
export type Reply = string

/** Stands for a phone number while the reply around it is rendered: no number and no markup contains it. */
const BLANK = '\u{E000}'

/**
 * Bridges a leg: rings its destination for so many seconds and shows the other side's masking number. The document is
 * rendered once and its two numbers are filled in for each call, which is safe because they hold only digits and `+`.
 */
export function connectReply(ringTimeout: number): (leg: Leg) => Reply {
  const form = response(dial({ callerId: BLANK, timeout: ringTimeout }, number(BLANK)))
  const [head, middle, tail] = renderDocument(form).split(BLANK)
  return ({ callerIdShown, destination }) => `${head}${callerIdShown}${middle}${destination}${tail}`
}

/** Refuses a call with some words; without words the refusal is not answered, and so not billed. */
export function refusalReply(words: string): Reply {
  const verbs = words === '' ? [hangup('rejected')] : [speak(words), hangup('rejected')]
  return renderDocument(response(...verbs))
}

/** What a caller hears when we failed. */
export const apologyReply: Reply = renderDocument(
  response(speak('Sorry, we cannot connect your call right now. Please try again in a moment.'), hangup()),
)

/** For whoever sent something that is not a call: says what was wrong with it. */
export function mistakeReply(words: string): Reply {
  return renderDocument(response(speak(words), hangup()))
}

/** For events that need no instructions. */
export const acknowledgement: Reply = renderDocument(response())

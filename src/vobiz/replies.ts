import { hangup, response, speak } from './document.js'
import { renderDocument } from './render.js'

/** The XML of a document, ready to be sent. */
export type Reply = string

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

/** What a caller hears whom their own session does not connect now, by the reason. */
export const notAdmitted: Readonly<Record<string, Reply>> = {
  'outside-hours': spoken(
    'This number does not connect calls at this time of the day. Please try again later.',
  ),
  'too-many-calls': spoken('No more calls can be made with this number.'),
}

/** For whoever has nothing more to hear. */
export const goodbye: Reply = renderDocument(response(hangup()))

/** For events that need no instructions. */
export const acknowledgement: Reply = renderDocument(response())

function spoken(words: string): Reply {
  return renderDocument(response(speak(words), hangup()))
}

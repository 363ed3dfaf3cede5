/**
 * VobizXML as plain data: what may stand in a reply, with small builders.
 * Names and attributes follow the platform's reference exactly, case included.
 */
export interface VobizDocument {
  readonly name: 'Response'
  readonly content: readonly Verb[]
}

export type Verb = Dial | Speak | Hangup

/** Calls a number and bridges the two. */
export interface Dial {
  readonly name: 'Dial'
  readonly attributes: DialAttributes
  readonly content: readonly NumberNoun[]
}

/** In the order in which they are written. */
export interface DialAttributes {
  /** The number shown to whoever is called; it must be rented from Vobiz, or the call ends with code 3030. */
  readonly callerId: string
  /** How long it rings, in seconds. */
  readonly timeout: number
  /** Seconds after which the platform ends the call, from the moment that it is picked up; by default four hours. */
  readonly timeLimit?: number
}

export interface NumberNoun {
  readonly name: 'Number'
  readonly content: string
}

/** Says a text to the caller. Outside of a bridge it answers the call, so it is billed. */
export interface Speak {
  readonly name: 'Speak'
  readonly content: string
}

/** Ends the call; as the first verb it refuses the call before it is answered or billed. */
export interface Hangup {
  readonly name: 'Hangup'
  readonly attributes?: { readonly reason: HangupReason }
}

export type HangupReason = 'rejected' | 'busy'

export function response(...content: Verb[]): VobizDocument {
  return { name: 'Response', content }
}

export function dial(attributes: DialAttributes, ...content: NumberNoun[]): Dial {
  return { name: 'Dial', attributes, content }
}

export function number(content: string): NumberNoun {
  return { name: 'Number', content }
}

export function speak(content: string): Speak {
  return { name: 'Speak', content }
}

export function hangup(reason?: HangupReason): Hangup {
  return reason ? { name: 'Hangup', attributes: { reason } } : { name: 'Hangup' }
}

/**
 * VobizXML as plain data: what may stand in a reply, with small builders.
 * Names and attributes follow the platform's reference exactly, case included.
 */
export interface VobizDocument {
  readonly name: 'Response'
  readonly content: readonly Verb[]
}

export type Verb = Dial | Speak | Play | Wait | Record | Gather | Hangup

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
  /** Asked once, when it is over: its document is what the caller gets next. */
  readonly action?: string
  /** Told of each thing that happens to the called phone. */
  readonly callbackUrl?: string
  /** Asked once the call is picked up: its document is heard by whoever is called, before the two are connected. */
  readonly confirmSound?: string
}

export interface NumberNoun {
  readonly name: 'Number'
  readonly content: string
}

/** Says a text to the caller. Outside of a bridge it answers the call, so it is billed. */
export interface Speak {
  readonly name: 'Speak'
  readonly attributes?: SpeakAttributes
  readonly content: string
}

export interface SpeakAttributes {
  readonly voice?: Voice
  readonly language?: Language
}

export const VOICES = ['WOMAN', 'MAN'] as const
export type Voice = (typeof VOICES)[number]

/** What the platform speaks: the table of its page on Speak, and `en-IN`, which its own people use. No other Indian language. */
export const LANGUAGES = [
  'da-DK',
  'de-DE',
  'en-AU',
  'en-GB',
  'en-IN',
  'en-US',
  'es-ES',
  'es-US',
  'fr-CA',
  'fr-FR',
  'it-IT',
  'nl-NL',
  'pl-PL',
  'pt-BR',
  'pt-PT',
  'ru-RU',
  'sv-SE',
] as const
export type Language = (typeof LANGUAGES)[number]

/** Plays an MP3 or WAV file of a public URL, and answers the call as `Speak` does. */
export interface Play {
  readonly name: 'Play'
  readonly content: string
}

/** Lets so many seconds pass. Before a `Dial` it answers the call. */
export interface Wait {
  readonly name: 'Wait'
  readonly attributes: { readonly length: number }
}

/** Records the whole call from here on, with the values that are known to work. */
export interface Record {
  readonly name: 'Record'
  readonly attributes: RecordAttributes
}

/** In the order in which they are written. */
export interface RecordAttributes {
  readonly fileFormat: 'mp3'
  readonly recordSession: true
  readonly redirect: false
  readonly playBeep: false
  /** Seconds. */
  readonly maxLength: number
  /** Told when it begins. It must reply with an empty document. */
  readonly action: string
  /** Told when the file is there. */
  readonly callbackUrl: string
  readonly callbackMethod: 'POST'
}

/** Asks the caller for digits. */
export interface Gather {
  readonly name: 'Gather'
  readonly attributes: GatherAttributes
  readonly content: readonly (Speak | Play)[]
}

/** In the order in which they are written. */
export interface GatherAttributes {
  /** Gets the digits, which may be none; its document is what the caller gets next. */
  readonly action: string
  readonly inputType: 'dtmf'
  readonly numDigits: number
  readonly finishOnKey: '#'
  /** Seconds. */
  readonly executionTimeout: number
  /** Whether the platform writes the digits into its log. */
  readonly log: false
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

export function speak(content: string, attributes?: SpeakAttributes): Speak {
  return attributes ? { name: 'Speak', attributes, content } : { name: 'Speak', content }
}

export function play(url: string): Play {
  return { name: 'Play', content: url }
}

export function wait(length: number): Wait {
  return { name: 'Wait', attributes: { length } }
}

export function record(attributes: RecordAttributes): Record {
  return { name: 'Record', attributes }
}

export function gather(attributes: GatherAttributes, ...content: (Speak | Play)[]): Gather {
  return { name: 'Gather', attributes, content }
}

export function hangup(reason?: HangupReason): Hangup {
  return reason ? { name: 'Hangup', attributes: { reason } } : { name: 'Hangup' }
}

/** What a session says about its calls, or the configuration about all. Whatever is absent is decided elsewhere, or not done. */
export interface CallOptions {
  /** Seconds for which the other phone rings. */
  readonly ringTimeout?: number | undefined
  /** Seconds that a call lasts at most. */
  readonly timeLimit?: number | undefined
  /** How many calls the session connects in all. */
  readonly maxCalls?: number | undefined
  /** When calls are connected. */
  readonly hours?: Hours | undefined
  /** What a caller hears before the other phone rings. */
  readonly greeting?: Prompt | undefined
  /** What whoever is called hears before they are connected. */
  readonly whisper?: Prompt | undefined
  /** In which language, and with which voice, words are spoken. */
  readonly language?: string | undefined
  readonly voice?: string | undefined
  readonly record?: Recording | undefined
  readonly afterEnd?: AfterEnd | undefined
  /** Participants are asked for their PIN too, because whoever calls can forge their number. */
  readonly forcePin?: boolean | undefined
  /** A phone that entered the right PIN is from then on a phone of that participant. */
  readonly rememberPhone?: boolean | undefined
}

/** How many calls can be the most that a session connects. */
export const MAX_CALLS_OF_SESSION = 1_000

/** Characters of a prompt: half a minute of speech. */
export const MAX_PROMPT = 500

/** Words that are spoken, or the https URL of a file that is played. */
export type Prompt = string

/** Whether calls are recorded, and what is said of it first; undefined where the business said that nothing is to be said. */
export type Recording = 'off' | { readonly announcement: Prompt | undefined }

/** What a caller gets after the end of their session: a prompt, or a number of the business. */
export type AfterEnd = { readonly say: Prompt } | { readonly dial: string }

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]

/** A part of some days of the week. Where it ends before it begins, it ends on the next day. */
export interface Hours {
  readonly days: readonly Day[]
  /** `HH:MM`, from which on calls are connected, and from which on not any more. */
  readonly from: string
  readonly to: string
  /** By the name of the IANA database, such as `Asia/Kolkata`. */
  readonly timeZone: string
}

/** Whether a moment, in milliseconds since 1970, lies within these hours. */
export function isWithin({ days, from, to, timeZone }: Hours, now: number): boolean {
  const { day, time } = clockIn(timeZone, now)
  const yesterday = DAYS[(DAYS.indexOf(day) + DAYS.length - 1) % DAYS.length] as Day
  if (from < to) return days.includes(day) && from <= time && time < to
  return (days.includes(day) && from <= time) || (days.includes(yesterday) && time < to)
}

function clockIn(timeZone: string, now: number): { readonly day: Day; readonly time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now)
  const part = (type: string) => String(parts.find((part) => part.type === type)?.value)
  return { day: part('weekday').toLowerCase() as Day, time: `${part('hour')}:${part('minute')}` }
}

/** Whether a time zone of this name exists. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Whether a prompt is a file to be played. */
export function isAudio(prompt: Prompt): boolean {
  return prompt.startsWith('https://')
}

/**
 * Whether a prompt can be spoken or played. The platform speaks languages in Latin and Cyrillic letters alone, and would be silent
 * or spell out anything else; a file has to be fetched by https.
 */
export function isPrompt(prompt: Prompt): boolean {
  if (/^\w+:\/\//.test(prompt)) return isAudio(prompt) && URL.canParse(prompt)
  return !FOREIGN_LETTER.test(prompt)
}

const FOREIGN_LETTER = /(?![\p{Script=Latin}\p{Script=Cyrillic}])\p{L}/u

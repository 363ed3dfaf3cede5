import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { PhoneNumber } from '../masking/phone-number.js'
import { wholeNumber } from '../masking/phone-number.js'
import { signatureHeaders } from '../vobiz/signature.js'
import type { World } from './world.js'

/** A webhook as the carrier would send it. */
export interface PlayedWebhook {
  /** Where it is sent. */
  readonly url: string
  /** The URL that is signed, which the service knows by its PUBLIC_BASE_URL; undefined: unsigned. */
  readonly signedUrl?: string | undefined
  readonly token?: string | undefined
  /** What the form says. */
  readonly fields: Readonly<Record<string, string>>
}

/** What came back. */
export interface PlayedReply {
  readonly status: number
  readonly contentType: string
  readonly document: string
  readonly ms: number
}

/** Milliseconds after which the carrier has given up. */
export const CARRIER_PATIENCE_MS = 3_000

/** Why a signed call can be refused with 403. */
export const WHY_FORBIDDEN =
  'the service has other VOBIZ_AUTH_TOKEN, PUBLIC_BASE_URL or WEBHOOK_ALLOWED_IPS than you here; its log says which check refused'

/** Plays the carrier. Rejects when nothing answers. */
export async function playWebhook({ fetch, now }: World, played: PlayedWebhook): Promise<PlayedReply> {
  const { url, signedUrl, token, fields } = played
  const begun = now()
  const reply = await fetch(url, {
    method: 'POST',
    headers: signedUrl && token ? signatureHeaders(signedUrl, token) : {},
    body: new URLSearchParams({ Direction: 'inbound', ...fields }),
    redirect: 'manual',
    signal: AbortSignal.timeout(CARRIER_PATIENCE_MS),
  })
  const document = await reply.text()
  return {
    status: reply.status,
    contentType: String(reply.headers.get('content-type')),
    document,
    ms: now() - begun,
  }
}

/** As numbers come on the wire: the caller with the country code, the dialled number in national form. */
export const onTheWire = {
  caller: wholeNumber,
  dialled: (number: PhoneNumber) => `0${number.national}`,
}

/** What a document does with a call. Reads only what callmask writes; undefined for anything else. */
export interface ReadDocument {
  readonly callerId: string | undefined
  readonly destination: string | undefined
  /** What the caller hears before anything else happens. */
  readonly words: string | undefined
  /** The URLs that the carrier is to ask later. */
  readonly urls: DocumentUrls
}

export interface DocumentUrls {
  readonly dialled: string | undefined
  readonly leg: string | undefined
  readonly whisper: string | undefined
  readonly recording: string | undefined
  readonly recorded: string | undefined
  /** Where the digits go that the caller is asked for. */
  readonly digits: string | undefined
}

export function readDocument({
  contentType,
  document,
}: Pick<PlayedReply, 'contentType' | 'document'>): ReadDocument | undefined {
  if (!contentType.startsWith('application/xml') || XMLValidator.validate(document) !== true) return undefined
  const parsed = parser.parse(document) as { Response?: '' | ParsedResponse }
  if (parsed.Response === undefined) return undefined
  const { Dial = [], Speak = [], Play = [], Record = [], Gather = [] } = parsed.Response || {}
  const [dial, record, gather] = [Dial[0], Record[0], Gather[0]]
  const words = [...(gather?.Speak ?? []), ...Speak, ...Play].map(textIn).join(' ')
  return {
    callerId: dial?.['@_callerId'],
    destination: dial?.Number[0],
    words: words === '' ? undefined : words,
    urls: {
      dialled: dial?.['@_action'],
      leg: dial?.['@_callbackUrl'],
      whisper: dial?.['@_confirmSound'],
      recording: record?.['@_action'],
      recorded: record?.['@_callbackUrl'],
      digits: gather?.['@_action'],
    },
  }
}

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  isArray: (name, _path, _isLeaf, isAttribute) => !isAttribute && name !== 'Response' && name !== '?xml',
})

type ParsedText = string | { readonly '#text': string }
type Attributes = Readonly<Record<`@_${string}`, string>>

interface ParsedResponse {
  readonly Dial?: readonly (Attributes & { readonly Number: readonly string[] })[]
  readonly Speak?: readonly ParsedText[]
  readonly Play?: readonly ParsedText[]
  readonly Record?: readonly Attributes[]
  readonly Gather?: readonly (Attributes & { readonly Speak?: readonly ParsedText[] })[]
}

function textIn(text: ParsedText): string {
  return typeof text === 'string' ? text : text['#text']
}

import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { PhoneNumber } from '../masking/phone-number.js'
import { wholeNumber } from '../masking/phone-number.js'
import { signatureHeaders } from '../vobiz/signature.js'
import type { Io } from './io.js'

/** A webhook as the carrier would send it. */
export interface PlayedWebhook {
  /** Where it is sent. */
  readonly url: string
  /** The URL that is signed, which the service knows by its PUBLIC_BASE_URL; undefined: unsigned. */
  readonly signedUrl?: string | undefined
  readonly token?: string | undefined
  readonly event: 'StartApp' | 'Hangup'
  readonly from: string
  readonly to: string
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
export async function playWebhook({ fetch, now }: Io, played: PlayedWebhook): Promise<PlayedReply> {
  const { url, signedUrl, token, event, from, to } = played
  const begun = now()
  const reply = await fetch(url, {
    method: 'POST',
    headers: signedUrl && token ? signatureHeaders(signedUrl, token) : {},
    body: new URLSearchParams({ Event: event, From: from, To: to, Direction: 'inbound' }),
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
  readonly words: string | undefined
}

export function readDocument({
  contentType,
  document,
}: Pick<PlayedReply, 'contentType' | 'document'>): ReadDocument | undefined {
  if (!contentType.startsWith('application/xml') || XMLValidator.validate(document) !== true) return undefined
  const parsed = new XMLParser({ ignoreAttributes: false, parseTagValue: false }).parse(document)
  const { Response } = parsed as { Response?: '' | ParsedResponse }
  if (Response === undefined) return undefined
  const { Dial, Speak } = Response === '' ? ({} as ParsedResponse) : Response
  return { callerId: Dial?.['@_callerId'], destination: Dial?.Number, words: Speak }
}

interface ParsedResponse {
  readonly Dial?: { readonly '@_callerId': string; readonly Number: string }
  readonly Speak?: string
}

import { createHmac, randomInt, timingSafeEqual } from 'node:crypto'
import type { Nonces } from './nonces.js'

/**
 * Vobiz signs a callback with the account's token, over the URL without its query and a nonce: not over the body, the
 * query or the time. There are two forms, and for each a variant keyed by the parent account's token that shares its nonce.
 */
export type SignatureVersion = 'v2' | 'v3'

interface HeaderNames {
  readonly nonce: string
  readonly own: string
  readonly parent: string
  /** Stands between the URL and the nonce in what is signed. */
  readonly separator: string
}

const HEADERS: Readonly<Record<SignatureVersion, HeaderNames>> = {
  v3: {
    nonce: 'x-vobiz-signature-v3-nonce',
    own: 'x-vobiz-signature-v3',
    parent: 'x-vobiz-signature-ma-v3',
    separator: '.',
  },
  v2: {
    nonce: 'x-vobiz-signature-v2-nonce',
    own: 'x-vobiz-signature-v2',
    parent: 'x-vobiz-signature-ma-v2',
    separator: '',
  },
}

/** As Node gives them: in lower case, duplicates joined by a comma. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>

/** The tokens that a signature may be made with; two of a kind while one is being rotated. */
export interface SigningTokens {
  readonly own: readonly string[]
  readonly parent: readonly string[]
}

/** Whether a request is signed, and the nonces that a valid signature uses up: the verified one first. */
export type SignatureVerdict =
  | { readonly kind: 'valid'; readonly nonces: Nonces }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'wrong' }

/**
 * Checks V3, and V2 only where there is no V3: a wrong signature is not saved by an older one. V1 does not count.
 * The nonce of a V2 beside a valid V3 is used up too, so that the two cannot be split and used twice.
 *
 * @param url the public URL of the request, without query
 */
export function verifySignature(
  headers: RequestHeaders,
  url: string,
  tokens: SigningTokens,
): SignatureVerdict {
  const v3 = verify('v3', headers, url, tokens)
  if (v3.kind === 'wrong') return v3
  if (v3.kind === 'valid') {
    const besides = headers[HEADERS.v2.nonce]
    return isNonce(besides) ? { kind: 'valid', nonces: [...v3.nonces, besides] } : v3
  }
  const v2 = verify('v2', headers, url, tokens)
  return v2.kind === 'unsigned' && hasOtherSignature(headers) ? { kind: 'wrong' } : v2
}

/** The signature headers of the carrier for a URL: what a test or a `curl` needs to be let in. */
export function signatureHeaders(url: string, token: string, nonce = randomNonce()): Record<string, string> {
  const { own, nonce: nonceName } = HEADERS.v3
  return { [own]: signature('v3', url, token, nonce), [nonceName]: nonce }
}

/** base64 of HMAC-SHA256, by the documented formula of each version. */
export function signature(version: SignatureVersion, url: string, token: string, nonce: string): string {
  return createHmac('sha256', token)
    .update(url + HEADERS[version].separator + nonce)
    .digest('base64')
}

const NONCE = /^\d{20}$/

function isNonce(value: string | string[] | undefined): value is string {
  return typeof value === 'string' && NONCE.test(value)
}

function verify(
  version: SignatureVersion,
  headers: RequestHeaders,
  url: string,
  tokens: SigningTokens,
): SignatureVerdict {
  const names = HEADERS[version]
  const byOwn = headers[names.own]
  // The carrier adds the parent's header also for an account that has none: without a parent token it is no signature.
  const byParent = tokens.parent.length > 0 ? headers[names.parent] : undefined
  if (byOwn === undefined && byParent === undefined) return { kind: 'unsigned' }

  const nonce = headers[names.nonce]
  if (!isNonce(nonce)) return { kind: 'wrong' }
  const right = (token: string) => signature(version, url, token, nonce)
  const holds =
    tokens.own.some((token) => isEqual(byOwn, right(token))) ||
    tokens.parent.some((token) => isEqual(byParent, right(token)))
  return holds ? { kind: 'valid', nonces: [nonce] } : { kind: 'wrong' }
}

/** Whether there is a signature that we do not count: V1, or a parent's without a parent token. */
function hasOtherSignature(headers: RequestHeaders): boolean {
  return Object.keys(headers).some((name) => name.startsWith('x-vobiz-signature'))
}

/** In constant time, and on the text: another base64 spelling of the same bytes is another signature. */
function isEqual(given: string | string[] | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function randomNonce(): string {
  const half = () => String(randomInt(10 ** 10)).padStart(10, '0')
  return half() + half()
}

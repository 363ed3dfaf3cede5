import { type AudioType, audioType, SNIFFED_BYTES } from './audio-type.js'
import { type ByteRange, type Part, partOf, rangeHeader, readContentRange } from './byte-range.js'

/** Gets a file, or a part of it, from where it is kept. Undefined where it is not there. */
export type AudioSource = (range: string | undefined) => Promise<SourceReply | undefined>

export interface SourceReply {
  /** 200: the whole, also where a part was asked for; 206: that part; 416: there is no such part. */
  readonly status: 200 | 206 | 416
  readonly headers: Headers
  readonly body: AsyncIterable<Uint8Array>
}

/** Audio that is being read. */
export interface OpenAudio {
  readonly kind: 'audio'
  /** Undefined where its first bytes tell nothing. */
  readonly type: AudioType | undefined
  /** Which part it is; undefined: the whole. */
  readonly part: Part | undefined
  /** Bytes of the whole, if that is known. */
  readonly total: number | undefined
  /** Fails where less comes than was promised. */
  readonly body: AsyncIterable<Uint8Array>
}

/** There is no such part. */
export interface NoSuchPart {
  readonly kind: 'no-such-part'
  readonly total: number | undefined
}

/** What keeps the file says two things that do not go together. */
export class AudioSourceError extends Error {
  override readonly name = 'AudioSourceError'
}

/**
 * Opens audio. Its type comes from its first bytes, also where only a later part is wanted, and a part is cut out here where the
 * source sends the whole.
 */
export async function openAudio(
  source: AudioSource,
  range: ByteRange | undefined,
): Promise<OpenAudio | NoSuchPart | undefined> {
  const reply = await source(range && rangeHeader(range))
  if (!reply) return undefined
  const { status, headers, body } = reply
  if (status === 416)
    return { kind: 'no-such-part', total: readContentRange(headers.get('content-range')).total }
  return status === 206 ? openPart(source, reply) : openWhole(body, lengthOf(headers), range)
}

async function openWhole(
  body: AsyncIterable<Uint8Array>,
  total: number | undefined,
  range: ByteRange | undefined,
): Promise<OpenAudio | NoSuchPart> {
  const { start, all, close } = await peek(body)
  const type = audioType(start)
  // Without its length nobody can say which bytes the last ones are.
  if (!range || total === undefined)
    return { kind: 'audio', type, part: undefined, total, body: whole(all, total) }
  const part = partOf(range, total)
  if (!part) {
    await close()
    return { kind: 'no-such-part', total }
  }
  return { kind: 'audio', type, part, total, body: cut(all, part) }
}

async function openPart(source: AudioSource, { headers, body }: SourceReply): Promise<OpenAudio> {
  const { part, total } = readContentRange(headers.get('content-range'))
  if (!part) throw new AudioSourceError('a part comes without saying which')
  const length = part.last - part.first + 1
  const exactly: Part = { first: 0, last: length - 1 }
  if (part.first === 0 && length >= SNIFFED_BYTES) {
    const { start, all } = await peek(body)
    return { kind: 'audio', type: audioType(start), part, total, body: cut(all, exactly) }
  }
  return { kind: 'audio', type: await typeOf(source), part, total, body: cut(body, exactly) }
}

/** Asks for the first bytes alone. */
async function typeOf(source: AudioSource): Promise<AudioType | undefined> {
  const beginning = await source(rangeHeader({ first: 0, last: SNIFFED_BYTES - 1 }))
  if (!beginning) return undefined
  const { start, close } = await peek(beginning.body)
  await close()
  return audioType(start)
}

interface Peeked {
  readonly start: Uint8Array
  /** All of it, from its beginning. */
  readonly all: AsyncIterable<Uint8Array>
  /** Reads no more of it. */
  readonly close: () => Promise<unknown>
}

/** Looks at the first bytes, which may come in pieces. */
async function peek(body: AsyncIterable<Uint8Array>): Promise<Peeked> {
  const rest = body[Symbol.asyncIterator]()
  let start: Uint8Array = new Uint8Array()
  while (start.length < SNIFFED_BYTES) {
    const { done, value } = await rest.next()
    if (done) break
    start = Buffer.concat([start, value])
  }
  return { start, all: joined(start, rest), close: async () => rest.return?.() }
}

async function* joined(start: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield start
    for (;;) {
      const { done, value } = await rest.next()
      if (done) return
      yield value
    }
  } finally {
    await rest.return?.()
  }
}

function whole(body: AsyncIterable<Uint8Array>, total: number | undefined): AsyncIterable<Uint8Array> {
  return total === undefined || total === 0 ? body : cut(body, { first: 0, last: total - 1 })
}

/** The bytes of a part. Reads no further. */
async function* cut(body: AsyncIterable<Uint8Array>, { first, last }: Part): AsyncGenerator<Uint8Array> {
  let place = 0
  for await (const piece of body) {
    const wanted = piece.subarray(Math.max(first - place, 0), last + 1 - place)
    place += piece.length
    if (wanted.length > 0) yield wanted
    if (place > last) return
  }
  throw new AudioSourceError('less comes than was promised')
}

function lengthOf(headers: Headers): number | undefined {
  const text = headers.get('content-length') ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

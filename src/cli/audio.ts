import { type AudioShape, audioShape, LOOKED_AT_BYTES } from '../audio/audio-length.js'
import { audioType } from '../audio/audio-type.js'
import { readContentRange } from '../audio/byte-range.js'
import { type Finding, messageOf } from '../checkup/finding.js'
import { findingLines } from './doctor.js'
import { EXIT, type ExitCode, type Io, say, sayJson, waitFor } from './io.js'

/** Milliseconds that the server of the file may take. */
export const AUDIO_PATIENCE_MS = 10_000
/** Bytes of a file that is fetched anew for every call. */
export const LARGE_BYTES = 1_000_000
/** Seconds that a caller waits for before the other phone rings. */
export const LONG_SECONDS = 30
/** Samples a second of a phone line. */
const PHONE_RATE = 8_000

/** Checks whether a file can be played in a call. Says of each point what was seen and what to do. */
export async function checkAudio(
  io: Io,
  url: string,
  { json }: { readonly json?: boolean },
): Promise<ExitCode> {
  const findings = await waitFor(io, 'fetching', examineAudio(io, url))
  if (json) sayJson(io, findings)
  else for (const finding of findings) say(io, ...findingLines(io, finding))
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed
}

async function examineAudio(io: Io, url: string): Promise<Finding[]> {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    const remedy = 'give a URL that begins with https://: the platform has to fetch it'
    return [{ check: 'address', ok: false, seen: 'is no https URL', remedy }]
  }
  const fetched = await beginningOf(io, url)
  if ('seen' in fetched) return [{ check: 'address', ok: false, ...fetched }]
  return [
    { check: 'address', ok: true, seen: 'reached over https' },
    examineType(fetched.start),
    ...examineShape(audioShape(fetched.start, fetched.size)),
    examineSize(fetched.size),
  ]
}

interface Beginning {
  readonly start: Buffer
  /** Bytes of the whole. */
  readonly size: number | undefined
}

/** What is wrong with an address. */
type Unfetched = Omit<Finding, 'check' | 'ok'>

async function beginningOf({ fetch }: Io, url: string): Promise<Beginning | Unfetched> {
  try {
    const reply = await fetch(url, {
      headers: { range: `bytes=0-${LOOKED_AT_BYTES - 1}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(AUDIO_PATIENCE_MS),
    })
    if (reply.status >= 300) {
      await reply.body?.cancel()
      return unfetched(reply.status)
    }
    return { start: await firstBytes(reply), size: sizeOf(reply) }
  } catch (error) {
    const remedy = 'put the file where everybody can fetch it, with a valid certificate'
    return { seen: `no answer (${messageOf(error)})`, remedy }
  }
}

function unfetched(status: number): Unfetched {
  if (status < 400)
    return { seen: `leads to another address (${status})`, remedy: 'give the address where the file is' }
  const remedy = 'let everybody fetch it without a password: the platform has none'
  return { seen: `cannot be fetched (${status})`, remedy }
}

/** A server may send the whole where a part was asked for. */
async function firstBytes({ body }: Response): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body ?? []) {
    pieces.push(piece)
    length += piece.length
    if (length >= LOOKED_AT_BYTES) break
  }
  return Buffer.concat(pieces)
}

function sizeOf({ status, headers }: Response): number | undefined {
  if (status === 206) return readContentRange(headers.get('content-range')).total
  const length = headers.get('content-length')
  return length === null ? undefined : Number(length)
}

function examineType(start: Buffer): Finding {
  const check = 'type'
  const type = audioType(start)
  if (type) return { check, ok: true, seen: `${type.extension.toUpperCase()}, by its first bytes` }
  const remedy = 'make it an MP3 or WAV file, for example with `ffmpeg -i in.ogg -ac 1 -ar 8000 out.mp3`'
  return { check, ok: false, seen: 'neither MP3 nor WAV, by its first bytes', remedy }
}

function examineShape(shape: AudioShape | undefined): Finding[] {
  if (!shape) return [{ check: 'length', ok: true, seen: 'the beginning of the file does not tell' }]
  const { sampleRate, channels, seconds } = shape
  return [examineLength(seconds), examineSound(sampleRate, channels)]
}

function examineLength(seconds: number | undefined): Finding {
  const check = 'length'
  if (seconds === undefined) return { check, ok: true, seen: 'the beginning of the file does not tell' }
  const seen = `${seconds.toFixed(1)} s`
  if (seconds <= 0) return { check, ok: false, seen, remedy: 'there is nothing to be heard: make it anew' }
  if (seconds <= LONG_SECONDS) return { check, ok: true, seen }
  return { check, ok: false, seen, remedy: `keep it below ${LONG_SECONDS} s: the caller waits, and pays` }
}

/** More than a phone line has is only more to be fetched. */
function examineSound(sampleRate: number, channels: number): Finding {
  const seen = `${sampleRate} Hz, ${channels === 1 ? 'mono' : `${channels} channels`}`
  const isPlain = sampleRate === PHONE_RATE && channels === 1
  const hint = isPlain ? '' : '; 8000 Hz and mono do for a phone, and are fetched faster'
  return { check: 'sound', ok: true, seen: seen + hint }
}

function examineSize(size: number | undefined): Finding {
  const check = 'size'
  if (size === undefined) return { check, ok: true, seen: 'the server does not tell' }
  const seen = `${Math.ceil(size / 1_000)} kB`
  if (size <= LARGE_BYTES) return { check, ok: true, seen }
  const remedy = 'make it smaller: it is fetched while the caller waits. 8000 Hz and mono do for a phone'
  return { check, ok: false, seen, remedy }
}

import { audioType } from './audio-type.js'

/** What the beginning of a file of audio tells. */
export interface AudioShape {
  /** Samples a second. */
  readonly sampleRate: number
  readonly channels: number
  /** Undefined where neither the header nor the size of the file tells it. */
  readonly seconds: number | undefined
}

/** Bytes of the beginning of a file that are looked at: a picture of the cover may stand before the sound. */
export const LOOKED_AT_BYTES = 256 * 1024

/**
 * Reads the header of an MP3 or WAV file.
 *
 * @param size bytes of the whole file, if that is known
 */
export function audioShape(start: Buffer, size: number | undefined): AudioShape | undefined {
  return audioType(start)?.extension === 'wav' ? wavShape(start, size) : mp3Shape(start, size)
}

const CHUNK_HEAD = 8

function wavShape(start: Buffer, size: number | undefined): AudioShape | undefined {
  const format = chunkOf(start, 'fmt ')
  if (!format || start.length < format.at + 12) return undefined
  const channels = start.readUInt16LE(format.at + 2)
  const sampleRate = start.readUInt32LE(format.at + 4)
  const bytesPerSecond = start.readUInt32LE(format.at + 8)
  const data = chunkOf(start, 'data')
  // Whoever wrote it while it was recorded did not know how long it would be.
  const rest = size === undefined || !data ? undefined : size - data.at
  const bytes = data && Math.min(data.length, rest ?? data.length)
  const seconds = bytes === undefined || bytesPerSecond === 0 ? undefined : bytes / bytesPerSecond
  return { sampleRate, channels, seconds }
}

/** Where the content of a chunk begins, and how long it says that it is. */
function chunkOf(start: Buffer, name: string): { readonly at: number; readonly length: number } | undefined {
  let at = 12
  while (at + CHUNK_HEAD <= start.length) {
    const length = start.readUInt32LE(at + 4)
    if (start.toString('latin1', at, at + 4) === name) return { at: at + CHUNK_HEAD, length }
    // Chunks begin at even places.
    at += CHUNK_HEAD + length + (length % 2)
  }
  return undefined
}

/** By the two bits of the version of MPEG audio: 2.5, none, 2, 1. */
const SAMPLE_RATES = [[11_025, 12_000, 8_000], [], [22_050, 24_000, 16_000], [44_100, 48_000, 32_000]]
/** Of layer III, in kbit/s, by the four bits of a frame's header: of version 1, and of the others. */
const BIT_RATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const BIT_RATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
const MONO = 3
const VERSION_1 = 3

function mp3Shape(start: Buffer, size: number | undefined): AudioShape | undefined {
  const at = behindTags(start)
  if (start.length < at + 4 || !audioType(start.subarray(at))) return undefined
  const version = ((start[at + 1] as number) >> 3) & 3
  const sampleRate = SAMPLE_RATES[version]?.[((start[at + 2] as number) >> 2) & 3]
  const rates = version === VERSION_1 ? BIT_RATES_1 : BIT_RATES_2
  const kbits = rates[(start[at + 2] as number) >> 4]
  if (!sampleRate || !kbits) return undefined
  const channels = (start[at + 3] as number) >> 6 === MONO ? 1 : 2
  const frames = framesIn(start, at)
  const samples = version === VERSION_1 ? 1_152 : 576
  const constant = size === undefined ? undefined : ((size - at) * 8) / (kbits * 1_000)
  return {
    sampleRate,
    channels,
    seconds: frames === undefined ? constant : (frames * samples) / sampleRate,
  }
}

const ID3_HEAD = 10

/** Where the sound begins. The length of a tag is written in bytes of seven bits. */
function behindTags(start: Buffer): number {
  if (start.toString('latin1', 0, 3) !== 'ID3' || start.length < ID3_HEAD) return 0
  return ID3_HEAD + [6, 7, 8, 9].reduce((length, i) => length * 128 + ((start[i] as number) & 0x7f), 0)
}

/** How many frames there are, where a file of variable bit rate says it in its first one. */
function framesIn(start: Buffer, at: number): number | undefined {
  const first = start.subarray(at, at + 64)
  const place = ['Xing', 'Info'].map((name) => first.indexOf(name)).find((found) => found >= 0)
  if (place === undefined || first.length < place + 12) return undefined
  const hasFrames = (first.readUInt32BE(place + 4) & 1) === 1
  return hasFrames ? first.readUInt32BE(place + 8) : undefined
}

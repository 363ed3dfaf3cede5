/** What a file of audio is. */
export interface AudioType {
  readonly contentType: string
  readonly extension: string
}

/** Bytes at the beginning of a file that tell what it is. */
export const SNIFFED_BYTES = 12

const MP3: AudioType = { contentType: 'audio/mpeg', extension: 'mp3' }
const WAV: AudioType = { contentType: 'audio/wav', extension: 'wav' }

/** All that are told apart. */
export const AUDIO_TYPES: readonly AudioType[] = [MP3, WAV]

/** What a file is by its first bytes. Its name can lie: an `.mp3` of the platform may be WAV inside. */
export function audioType(start: Uint8Array): AudioType | undefined {
  const text = Buffer.from(start.subarray(0, SNIFFED_BYTES)).toString('latin1')
  if (text.startsWith('RIFF') && text.endsWith('WAVE')) return WAV
  return text.startsWith('ID3') || isFrame(start) ? MP3 : undefined
}

/** A frame of MPEG audio, layer III, begins with eleven set bits, its version and its layer. */
function isFrame([first = 0, second = 0]: Uint8Array): boolean {
  return first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x06) === 0x02 && (second & 0x18) !== 0x08
}

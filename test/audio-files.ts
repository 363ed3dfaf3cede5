/** The beginning of an MP3 file: a frame of MPEG-2, layer III, 8 kbit/s, 16 kHz, mono, and silence. */
export function mp3(bytes = 4_000, head = [0xff, 0xf3, 0x18, 0xc0]): Buffer {
  return Buffer.concat([Buffer.from(head), Buffer.alloc(Math.max(bytes - head.length, 0), 0x55)])
}

export interface WavShape {
  readonly seconds?: number
  readonly sampleRate?: number
  readonly channels?: number
}

/** A WAV file of 8 bits a sample. */
export function wav({ seconds = 1, sampleRate = 8_000, channels = 1 }: WavShape = {}): Buffer {
  const sound = Buffer.alloc(seconds * sampleRate * channels, 0x80)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + sound.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(channels, 22)
  head.writeUInt32LE(sampleRate, 24)
  head.writeUInt32LE(sampleRate * channels, 28)
  head.writeUInt16LE(channels, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(sound.length, 40)
  return Buffer.concat([head, sound])
}

/** A tag with a title, as it stands before the sound of an MP3 file. */
export function id3(bytes: number): Buffer {
  const head = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, (bytes >> 7) & 0x7f, bytes & 0x7f])
  return Buffer.concat([head, Buffer.alloc(bytes)])
}

import { test } from 'tap'
import { audioShape } from '../../../src/audio/audio-length.js'
import { id3, mp3, wav } from '../../audio-files.js'

test('a WAV file says how long it is', async (t) => {
  const file = wav({ seconds: 3 })
  t.same(audioShape(file, file.length), { sampleRate: 8_000, channels: 1, seconds: 3 })
  t.same(audioShape(file.subarray(0, 100), undefined), { sampleRate: 8_000, channels: 1, seconds: 3 })
  const stereo = wav({ seconds: 2, sampleRate: 16_000, channels: 2 })
  t.match(audioShape(stereo, stereo.length), { sampleRate: 16_000, channels: 2, seconds: 2 })
})

test('a WAV file that was written while it was recorded is as long as the file', async (t) => {
  const file = wav({ seconds: 3 })
  file.writeUInt32LE(0xff_ff_ff_ff, 40)
  t.equal(audioShape(file, file.length)?.seconds, 3)
})

test('chunks before the sound are passed over', async (t) => {
  const file = wav({ seconds: 1 })
  const list = Buffer.concat([Buffer.from('LIST'), Buffer.from([3, 0, 0, 0]), Buffer.from('abc\0')])
  const with_ = Buffer.concat([file.subarray(0, 12), list, file.subarray(12)])
  t.match(audioShape(with_, with_.length), { sampleRate: 8_000, seconds: 1 })
})

test('a WAV file without what tells its length has none', async (t) => {
  const file = wav()
  t.equal(audioShape(file.subarray(0, 20), undefined), undefined, 'no format')
  t.match(audioShape(file.subarray(0, 36), 1_000), { sampleRate: 8_000, seconds: undefined }, 'no data')
  file.writeUInt32LE(0, 28)
  t.match(audioShape(file, file.length), { seconds: undefined }, 'no rate')
})

test('the length of an MP3 file comes from its rate, behind its tags', async (t) => {
  t.same(audioShape(mp3(4_000), 4_000), { sampleRate: 16_000, channels: 1, seconds: 4 })
  const tagged = Buffer.concat([id3(300), mp3(4_000)])
  t.match(audioShape(tagged, tagged.length), { seconds: 4 })
  t.match(audioShape(mp3(4_000), undefined), { sampleRate: 16_000, seconds: undefined })
  // MPEG-1, 128 kbit/s, 44.1 kHz, joint stereo.
  t.same(audioShape(mp3(32_000, [0xff, 0xfb, 0x90, 0x64]), 32_000), {
    sampleRate: 44_100,
    channels: 2,
    seconds: 2,
  })
})

test('a file of variable rate says how many frames it has', async (t) => {
  for (const [head, samples, rate] of [
    [[0xff, 0xf3, 0x18, 0xc0], 576, 16_000],
    [[0xff, 0xfb, 0x90, 0x64], 1_152, 44_100],
  ] as const) {
    for (const name of ['Xing', 'Info']) {
      const file = mp3(4_000, [...head])
      file.write(name, 13, 'latin1')
      file.writeUInt32BE(1, 17)
      file.writeUInt32BE(1_000, 21)
      t.equal(audioShape(file, file.length)?.seconds, (1_000 * samples) / rate)
      file.writeUInt32BE(0, 17)
      t.equal(audioShape(file, 4_000)?.sampleRate, rate, 'without a count of frames')
    }
  }
})

test('what is no sound has no shape', async (t) => {
  t.equal(audioShape(Buffer.from('<html>'), 6), undefined)
  t.equal(audioShape(Buffer.from('ID3'), 3), undefined)
  t.equal(audioShape(id3(100), 110), undefined, 'nothing behind the tag')
  t.equal(audioShape(mp3(100, [0xff, 0xf3, 0x08, 0xc0]), 100), undefined, 'a free rate')
  t.equal(audioShape(mp3(100, [0xff, 0xf3, 0x1c, 0xc0]), 100), undefined, 'no rate of samples')
  const short = mp3(20)
  short.write('Xing', 12, 'latin1')
  t.match(audioShape(short, 20), { sampleRate: 16_000 }, 'cut off')
})

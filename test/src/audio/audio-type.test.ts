import { test } from 'tap'
import { audioType } from '../../../src/audio/audio-type.js'
import { id3, mp3, wav } from '../../audio-files.js'

test('a file is what its first bytes say', async (t) => {
  t.equal(audioType(mp3())?.contentType, 'audio/mpeg')
  t.equal(audioType(id3(100))?.contentType, 'audio/mpeg')
  t.equal(audioType(wav())?.contentType, 'audio/wav')
  t.equal(audioType(wav())?.extension, 'wav')
  const others = [
    Buffer.from(''),
    Buffer.from('RIFF....AVI LIST'),
    Buffer.from('<html><body>Not found</body></html>'),
    Buffer.from('OggS............'),
    // Layer II, a version that does not exist, and what is no frame.
    Buffer.from([0xff, 0xfd, 0, 0]),
    Buffer.from([0xff, 0xeb, 0, 0]),
    Buffer.from([0xff, 0x13, 0, 0]),
    Buffer.from([0xff]),
  ]
  for (const other of others) t.equal(audioType(other), undefined, other.toString('latin1'))
})

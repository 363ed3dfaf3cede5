import { test } from 'tap'
import { readRange } from '../../../src/audio/byte-range.js'
import {
  type AudioSource,
  AudioSourceError,
  type OpenAudio,
  openAudio,
} from '../../../src/audio/open-audio.js'
import { mp3, wav } from '../../audio-files.js'

const FILE = wav({ seconds: 1 })

interface World {
  readonly source: AudioSource
  readonly asked: (string | undefined)[]
  /** How many bodies were opened, and how many were read to their end or closed. */
  open: number
}

/** A source that sends small pieces. */
function sourceOf(file: Buffer, how: 'parts' | 'whole' | 'without length' | 'without total'): World {
  const world: World = {
    asked: [],
    open: 0,
    async source(range) {
      world.asked.push(range)
      const wanted = how === 'whole' || how === 'without length' ? undefined : readRange(range)
      if (!wanted || 'suffix' in wanted) {
        const headers = new Headers(how === 'without length' ? {} : { 'content-length': String(file.length) })
        return { status: 200, headers, body: pieces(file) }
      }
      const { first } = wanted
      const last = Math.min(wanted.last ?? file.length, file.length - 1)
      if (first > last)
        return {
          status: 416,
          headers: new Headers({ 'content-range': `bytes */${file.length}` }),
          body: pieces(Buffer.alloc(0)),
        }
      const total = how === 'without total' ? '*' : file.length
      const headers = new Headers({ 'content-range': `bytes ${first}-${last}/${total}` })
      return { status: 206, headers, body: pieces(file.subarray(first, last + 1)) }
    },
  }
  async function* pieces(bytes: Buffer) {
    world.open += 1
    try {
      for (let i = 0; i < bytes.length; i += 5) yield bytes.subarray(i, i + 5)
    } finally {
      world.open -= 1
    }
  }
  return world
}

async function read({ body }: OpenAudio): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

function isAudio(opened: Awaited<ReturnType<typeof openAudio>>): opened is OpenAudio {
  return opened?.kind === 'audio'
}

test('the whole is sent as it is, with its type', async (t) => {
  const world = sourceOf(FILE, 'parts')
  const opened = await openAudio(world.source, undefined)
  t.match(opened, { kind: 'audio', type: { contentType: 'audio/wav' }, part: undefined, total: FILE.length })
  t.ok(isAudio(opened) && FILE.equals(await read(opened)))
  t.equal(world.open, 0)
})

test('every part is the same, whether the source sends parts or the whole', async (t) => {
  const headers = [
    'bytes=0-1',
    'bytes=0-99',
    'bytes=7-',
    'bytes=100-200',
    'bytes=-20',
    'bytes=8043-',
    'bytes=3-3',
  ]
  for (const how of ['parts', 'whole', 'without total'] as const) {
    for (const header of headers) {
      const world = sourceOf(FILE, how)
      const opened = await openAudio(world.source, readRange(header))
      if (!isAudio(opened)) return t.fail(`${how} ${header}`)
      t.equal(opened.type?.contentType, 'audio/wav', `${how} ${header}`)
      const { first, last } = opened.part ?? { first: 0, last: 0 }
      t.ok(FILE.subarray(first, last + 1).equals(await read(opened)), `${how} ${header}`)
      t.equal(world.open, 0, 'nothing stays open')
    }
  }
})

test('a part of a file whose length nobody tells is the whole', async (t) => {
  const opened = await openAudio(sourceOf(FILE, 'without length').source, readRange('bytes=5-9'))
  t.match(opened, { kind: 'audio', part: undefined, total: undefined })
  t.ok(isAudio(opened) && FILE.equals(await read(opened)))
})

test('a part that is not there is none', async (t) => {
  for (const how of ['parts', 'whole'] as const) {
    const world = sourceOf(FILE, how)
    const opened = await openAudio(world.source, readRange(`bytes=${FILE.length}-`))
    t.same(opened, { kind: 'no-such-part', total: FILE.length })
    t.equal(world.open, 0)
  }
})

test('a file that is not there is none', async (t) => {
  t.equal(await openAudio(async () => undefined, undefined), undefined)
  const { source } = sourceOf(FILE, 'parts')
  const gone: AudioSource = async (range) => (range === 'bytes=0-11' ? undefined : source(range))
  t.match(
    await openAudio(gone, readRange('bytes=50-60')),
    { kind: 'audio', type: undefined },
    'gone meanwhile',
  )
})

test('an empty file is sent as one', async (t) => {
  const opened = await openAudio(sourceOf(Buffer.alloc(0), 'whole').source, undefined)
  t.match(opened, { kind: 'audio', type: undefined, total: 0 })
  t.ok(isAudio(opened) && (await read(opened)).length === 0)
})

test('whoever stops reading ends it', async (t) => {
  const world = sourceOf(mp3(), 'parts')
  const opened = await openAudio(world.source, undefined)
  t.equal(world.open, 1)
  if (isAudio(opened)) for await (const _ of opened.body) break
  t.equal(world.open, 0)
})

test('a source that contradicts itself is an error', async (t) => {
  const short: AudioSource = async () => ({
    status: 200,
    headers: new Headers({ 'content-length': '100' }),
    body: (async function* () {
      yield FILE.subarray(0, 50)
    })(),
  })
  const opened = await openAudio(short, undefined)
  await t.rejects(async () => {
    if (isAudio(opened)) await read(opened)
  }, AudioSourceError)
  const unnamed: AudioSource = async () => ({
    status: 206,
    headers: new Headers(),
    body: (async function* () {})(),
  })
  await t.rejects(openAudio(unnamed, readRange('bytes=0-1')), AudioSourceError)
})

import fc from 'fast-check'
import { test } from 'tap'
import type { TokenCall } from '../../../src/calls/call-tokens.js'
import type { CallOptions } from '../../../src/masking/call-options.js'
import type { Leg } from '../../../src/masking/session.js'
import { callReplies } from '../../../src/vobiz/call-replies.js'
import { LANGUAGES, VOICES } from '../../../src/vobiz/document.js'
import { DECLARATION } from '../../fixtures.js'
import { judge } from '../../vobiz-verbs.js'

const PAIR_LEG: Leg = { destination: '+918888800002', callerIdShown: '+919000000002', side: 0 }
const SESSION_LEG: Leg = { ...PAIR_LEG, sessionId: 's_1', since: 0 }
const CALL: TokenCall = { callId: 'c', at: 0 }
const AUDIO = 'https://audio.example/hello.mp3?a=1&b=2'

interface Setup {
  readonly defaults?: CallOptions
  readonly answerFirst?: 'off' | 'wait'
  /** The carrier can be given no URLs. */
  readonly withoutUrls?: true
}

function replies({ defaults, answerFirst = 'off', withoutUrls }: Setup = {}) {
  return callReplies({
    defaults: { record: 'off', ...defaults, ringTimeout: defaults?.ringTimeout ?? 30 },
    answerFirst,
    urlsOf: withoutUrls ? undefined : () => (path) => `https://m.example/${path}/t`,
  })
}

const DIAL = '<Dial callerId="+919000000002" timeout="30"'
const LIMITED = `${DIAL} timeLimit="3600"`
const TOLD = ' action="https://m.example/dialled/t" callbackUrl="https://m.example/leg/t"'
const WHISPERED = ' confirmSound="https://m.example/whisper/t"'
const NUMBER = '><Number>+918888800002</Number></Dial>'
const recorded = (seconds: number) =>
  `<Record fileFormat="mp3" recordSession="true" redirect="false" playBeep="false" maxLength="${seconds}" action="https://m.example/recording/t" callbackUrl="https://m.example/recorded/t" callbackMethod="POST"/>`

test('the documents that connect calls', async (t) => {
  const announced: CallOptions = { record: { announcement: 'This call is recorded.' } }
  const cases: [title: string, xml: string, setup: Setup, call?: CallOptions | undefined, leg?: Leg][] = [
    ['the static pair is bridged, and nothing else', DIAL + NUMBER, {}, undefined, PAIR_LEG],
    [
      'the time limit of all',
      `${DIAL} timeLimit="60"${NUMBER}`,
      { defaults: { timeLimit: 60 } },
      undefined,
      PAIR_LEG,
    ],
    ['a session is told of', LIMITED + TOLD + NUMBER, {}],
    ['a session without URLs', LIMITED + NUMBER, { withoutUrls: true }],
    [
      'the time limit of the session',
      `${DIAL} timeLimit="60"${TOLD}${NUMBER}`,
      { defaults: { timeLimit: 99 } },
      { timeLimit: 60 },
    ],
    [
      'the ring timeout of the session',
      `${LIMITED.replace('30', '45')}${TOLD}${NUMBER}`,
      {},
      { ringTimeout: 45 },
    ],
    ['a greeting of words', `<Speak>Hello.</Speak>${LIMITED}${TOLD}${NUMBER}`, {}, { greeting: 'Hello.' }],
    [
      'a greeting of audio',
      `<Play>https://audio.example/hello.mp3?a=1&amp;b=2</Play>${LIMITED}${TOLD}${NUMBER}`,
      {},
      { greeting: AUDIO },
    ],
    [
      'a greeting of all',
      `<Speak>All.</Speak>${LIMITED}${TOLD}${NUMBER}`,
      { defaults: { greeting: 'All.' } },
    ],
    [
      'a greeting of all, for the static pair',
      `<Speak>All.</Speak>${DIAL}${TOLD}${NUMBER}`,
      { defaults: { greeting: 'All.' } },
      undefined,
      PAIR_LEG,
    ],
    [
      'that of the session goes before',
      `<Speak>One.</Speak>${LIMITED}${TOLD}${NUMBER}`,
      { defaults: { greeting: 'All.' } },
      { greeting: 'One.' },
    ],
    [
      'language and voice',
      `<Speak voice="MAN" language="en-IN">Hello.</Speak>${LIMITED}${TOLD}${NUMBER}`,
      { defaults: { voice: 'MAN' } },
      { greeting: 'Hello.', language: 'en-IN' },
    ],
    [
      'audio has no language',
      `<Play>https://audio.example/hello.mp3?a=1&amp;b=2</Play>${LIMITED}${TOLD}${NUMBER}`,
      {},
      { greeting: AUDIO, language: 'en-IN' },
    ],
    ['a whisper', LIMITED + TOLD + WHISPERED + NUMBER, {}, { whisper: 'Your courier.' }],
    [
      'a whisper without URLs is left out',
      LIMITED + NUMBER,
      { withoutUrls: true },
      { whisper: 'Your courier.' },
    ],
    [
      'a recording that is announced to both',
      `<Speak>This call is recorded.</Speak>${recorded(3_600)}${LIMITED}${TOLD}${WHISPERED}${NUMBER}`,
      {},
      announced,
    ],
    [
      'a recording that is not announced',
      `${recorded(3_600)}${LIMITED}${TOLD}${NUMBER}`,
      {},
      { record: { announcement: undefined } },
    ],
    [
      'a recording is as long as the call',
      `${recorded(60)}${DIAL} timeLimit="60"${TOLD}${NUMBER}`,
      {},
      { timeLimit: 60, record: { announcement: undefined } },
    ],
    [
      'of the static pair, as long as the platform lets it',
      `<Speak>This call is recorded.</Speak>${recorded(14_400)}${DIAL}${TOLD}${WHISPERED}${NUMBER}`,
      { defaults: announced },
      undefined,
      PAIR_LEG,
    ],
    [
      'the greeting comes first',
      `<Speak>Hello.</Speak><Speak>This call is recorded.</Speak>${recorded(3_600)}${LIMITED}${TOLD}${WHISPERED}${NUMBER}`,
      {},
      { ...announced, greeting: 'Hello.' },
    ],
    [
      'a session that is not recorded where others are',
      LIMITED + TOLD + NUMBER,
      { defaults: announced },
      { record: 'off' },
    ],
    [
      'nobody hears of a recording that cannot become known',
      LIMITED + NUMBER,
      { withoutUrls: true },
      announced,
    ],
    ['picked up first', `<Wait length="1"/>${LIMITED}${TOLD}${NUMBER}`, { answerFirst: 'wait' }],
    [
      'picked up first, for the static pair',
      `<Wait length="1"/>${DIAL}${TOLD}${NUMBER}`,
      { answerFirst: 'wait' },
      undefined,
      PAIR_LEG,
    ],
    [
      'a greeting picks up as well',
      `<Speak>Hello.</Speak>${LIMITED}${TOLD}${NUMBER}`,
      { answerFirst: 'wait' },
      { greeting: 'Hello.' },
    ],
    [
      'a recording does not',
      `<Wait length="1"/>${recorded(3_600)}${LIMITED}${TOLD}${NUMBER}`,
      { answerFirst: 'wait' },
      { record: { announcement: undefined } },
    ],
  ]
  for (const [title, xml, setup, call, leg = SESSION_LEG] of cases) {
    const document = replies(setup).connect(call ? { ...leg, call } : leg, CALL)
    t.equal(document, `${DECLARATION}<Response>${xml}</Response>`, title)
    t.same(judge(document), [], title)
  }
  t.equal(
    replies().connect({ ...SESSION_LEG, call: announced }, undefined),
    `${DECLARATION}<Response>${LIMITED}${NUMBER}</Response>`,
    'a call that has no id is told of by nobody, so it is not recorded',
  )
  t.equal(replies().connect(SESSION_LEG, undefined), `${DECLARATION}<Response>${LIMITED}${NUMBER}</Response>`)
})

test('every combination of what can be said about calls gives documents that the platform accepts', async (t) => {
  const greetings = [undefined, 'Hello & <welcome>.', AUDIO]
  const whispers = [undefined, 'Your "courier".', AUDIO]
  const recordings: CallOptions['record'][] = [
    undefined,
    'off',
    { announcement: undefined },
    { announcement: 'Recorded.' },
    { announcement: AUDIO },
  ]
  const voices = [{}, { language: 'en-IN' }, { language: 'ru-RU', voice: 'MAN' }]
  const limits = [undefined, 60]
  const wrong = new Map<string, string>()
  let count = 0
  const check = (document: string, use: 'call' | 'whisper') => {
    count += 1
    for (const problem of judge(document, use)) wrong.set(problem, document)
  }
  for (const greeting of greetings)
    for (const whisper of whispers)
      for (const record of recordings)
        for (const voice of voices)
          for (const timeLimit of limits) {
            const options = { greeting, whisper, record, timeLimit, ...voice }
            for (const answerFirst of ['off', 'wait'] as const)
              for (const more of [{}, { withoutUrls: true }] as const) {
                const ofAll = replies({ defaults: options, answerFirst, ...more })
                const ofOne = replies({ answerFirst, ...more })
                for (const call of [CALL, undefined]) {
                  check(ofAll.connect(PAIR_LEG, call), 'call')
                  check(ofAll.connect(SESSION_LEG, call), 'call')
                  check(ofOne.connect({ ...SESSION_LEG, call: options }, call), 'call')
                }
              }
            check(replies().whisper(options), 'whisper')
          }
  t.same([...wrong], [])
  t.equal(count, 270 * (24 + 1))
})

test('every language and voice of ours is one of the platform', async (t) => {
  for (const language of LANGUAGES)
    for (const voice of VOICES)
      t.same(
        judge(replies().connect({ ...SESSION_LEG, call: { greeting: 'Hello.', language, voice } }, CALL)),
        [],
      )
})

test('a call is to be recorded where its session says so, or all are', (t) => {
  const leg = {
    callerIdShown: '919000000002',
    destination: '918888800002',
    sessionId: 's_1',
    side: 0,
  } as const
  const announced = { record: { announcement: 'This call is recorded.' } }
  const cases: [Setup, CallOptions | undefined, boolean][] = [
    [{}, undefined, false],
    [{ defaults: { record: undefined } }, undefined, false],
    [{ defaults: announced }, undefined, true],
    [{ defaults: announced }, { record: 'off' }, false],
    [{}, announced, true],
    [{ withoutUrls: true }, announced, false],
  ]
  for (const [setup, call, expected] of cases) t.equal(replies(setup).records({ ...leg, call }), expected)
  t.end()
})

test('whoever is called hears the announcement, then the whisper', async (t) => {
  const { whisper } = replies({ defaults: { whisper: 'All.', language: 'en-GB' } })
  const hears = (xml: string) => `${DECLARATION}<Response>${xml}</Response>`
  t.equal(whisper(undefined), hears('<Speak language="en-GB">All.</Speak>'))
  t.equal(
    whisper({ whisper: AUDIO, record: { announcement: 'Recorded.' } }),
    hears(
      '<Speak language="en-GB">Recorded.</Speak><Play>https://audio.example/hello.mp3?a=1&amp;b=2</Play>',
    ),
  )
  t.equal(whisper({ record: { announcement: undefined } }), hears('<Speak language="en-GB">All.</Speak>'))
  t.equal(
    replies().whisper(undefined),
    `${DECLARATION}<Response/>`,
    'nothing, where nothing is said any more',
  )
})

test('after the Dial, a caller who was not connected hears why', async (t) => {
  const { afterDial } = replies({ defaults: { voice: 'MAN' } })
  const says = (words: string, language = '') =>
    `${DECLARATION}<Response><Speak voice="MAN"${language}>${words}</Speak><Hangup/></Response>`
  const busy = 'The person whom you are calling is busy. Please try again later.'
  t.equal(afterDial('busy', undefined), says(busy))
  t.equal(afterDial('busy', { language: 'en-IN' }), says(busy, ' language="en-IN"'))
  t.equal(afterDial('busy', { language: 'ru-RU' }), says(busy), 'English in an English voice')
  t.equal(
    afterDial('no_answer', undefined),
    says('The person whom you are calling does not answer. Please try again later.'),
  )
  t.equal(afterDial('failed', undefined), says('Your call could not be connected. Please try again later.'))
  for (const end of ['talked', 'cancelled'] as const)
    t.equal(afterDial(end, undefined), `${DECLARATION}<Response><Hangup/></Response>`, end)
  for (const end of ['talked', 'no_answer', 'busy', 'cancelled', 'failed'] as const)
    t.same(judge(afterDial(end, { language: 'en-AU' })), [], end)
})

test('after the end of a session, a caller gets what is said about that', async (t) => {
  const dialled = '+919000000001'
  t.equal(replies().afterEnd(undefined, dialled), undefined)
  t.equal(replies().afterEnd({ greeting: 'Hello.' }, dialled), undefined)
  const support = { afterEnd: { dial: '+918888800009' } }
  const cases: [CallOptions | undefined, Setup, string][] = [
    [{ afterEnd: { say: 'It is over.' } }, {}, '<Speak>It is over.</Speak><Hangup/>'],
    [{ afterEnd: { say: AUDIO } }, {}, '<Play>https://audio.example/hello.mp3?a=1&amp;b=2</Play><Hangup/>'],
    [
      { afterEnd: { say: 'It is over.' }, language: 'en-IN' },
      { defaults: support },
      '<Speak language="en-IN">It is over.</Speak><Hangup/>',
    ],
    [
      undefined,
      { defaults: support },
      '<Dial callerId="+919000000001" timeout="30" timeLimit="3600"><Number>+918888800009</Number></Dial>',
    ],
    [
      { ...support, ringTimeout: 45, timeLimit: 60 },
      {},
      '<Dial callerId="+919000000001" timeout="45" timeLimit="60"><Number>+918888800009</Number></Dial>',
    ],
  ]
  for (const [call, setup, xml] of cases) {
    const document = String(replies(setup).afterEnd(call, dialled))
    t.equal(document, `${DECLARATION}<Response>${xml}</Response>`)
    t.same(judge(document), [])
  }
})

test('no words of a business change a document beyond its words', async (t) => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.constantFrom(
      '</Speak><Dial callerId="+15550100"><Number>+15550100</Number></Dial><Speak>',
      ']]>',
      '<![CDATA[',
      '<!--',
      '&#0;',
      '<?xml?>',
      '<break time="9s"/>',
      '\u{E000}',
      '\ud83d',
    ),
  )
  const shape = (document: string) => document.replace(/<(Speak)>[^<]*<\/\1>/g, '<Speak/>')
  const document = (text: string) => {
    const call = { greeting: `a${text}`, record: { announcement: `a${text}` } }
    return replies().connect({ ...SESSION_LEG, call }, CALL)
  }
  const expected = shape(document(''))
  fc.assert(
    fc.property(hostile, (text) => {
      const made = document(text)
      return shape(made) === expected && judge(made).length === 0
    }),
    { numRuns: 2_000 },
  )
  t.pass('2,000 hostile texts')
})

import { test } from 'tap'
import { callPage } from '../../../console/pages/call.js'
import { reasonOf } from '../../../console/pages/calls.js'
import { en } from '../../../console/texts/en.js'
import type { CallView } from '../../../src/api/call-schemas.js'
import { textIn } from '../signed-in.js'

const CALL: CallView = {
  id: 'a-call',
  session_id: null,
  began_at: '2100-01-01T00:00:00.000Z',
  masking_number: null,
  caller: null,
  called: null,
  state: 'ended',
  outcome: 'no_answer',
  ring_seconds: null,
  talk_seconds: 0,
  ended_by: null,
  cause: null,
  cause_code: null,
  cost: null,
  pin_used: false,
  recording: 'none',
}

function shown(call: Partial<CallView>, events: Parameters<typeof callPage>[0]['events'] = undefined) {
  const { main } = callPage({ call: { ...CALL, ...call }, events, staff: { can: () => true } }, en)
  return { html: String(main), text: textIn(String(main)) }
}

test('how a call went is told as far as it is known', (t) => {
  const cases: [Partial<CallView>, string, bars: number][] = [
    [{}, 'The carrier did not tell how long it rang. They did not talk. It ended.', 0],
    [{ ring_seconds: 30 }, 'It rang for 30 s. They did not talk. It ended, about 30 s after it began.', 1],
    [{ ring_seconds: 0 }, 'It rang for 0 s. They did not talk. It ended, about 0 s after it began.', 0],
    [
      { outcome: 'talked', ring_seconds: 3, talk_seconds: null },
      'It rang for 3 s. They talked; the carrier did not tell for how long. It ended.',
      1,
    ],
    [
      { outcome: 'talked', talk_seconds: 60 },
      'The carrier did not tell how long it rang. They talked for 1 min 0 s. It ended.',
      1,
    ],
    [{ outcome: null, talk_seconds: null }, 'It began. It goes on.', 0],
    [{ outcome: null, talk_seconds: null, ring_seconds: 5 }, 'It began. It rang for 5 s. It goes on.', 1],
    [{ outcome: 'refused' }, 'It began. It was refused, and nobody was rung.', 0],
  ]
  for (const [call, words, bars] of cases) {
    const { html, text } = shown(call)
    t.ok(text.includes(words), `${words} in ${text}`)
    t.equal(html.split('<rect').length - 1, bars, words)
  }
  t.end()
})

test('what nobody has words for is shown as it is', (t) => {
  t.equal(String(reasonOf({ ...CALL, refused_because: 'a_new_one' }, en)), 'a_new_one')
  t.match(String(reasonOf({ ...CALL, cause_code: '9999' }, en)), /code 9999/)
  t.equal(reasonOf(CALL, en), undefined)
  const event = { id: 'e', timestamp: CALL.began_at, recorded_at: CALL.began_at, session_id: null, data: {} }
  t.match(shown({}, [{ ...event, type: 'call.new' as 'call.ended' }]).text, /call\.new/)
  t.match(shown({}, []).text, /Nothing is known of it any more/)
  t.match(shown({ recording: 'ready' }).text, /Open the recording alone/)
  t.end()
})

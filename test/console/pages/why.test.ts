import { test } from 'tap'
import { type WhyAnswer, whyPage } from '../../../console/pages/why.js'
import { en } from '../../../console/texts/en.js'
import { CallView } from '../../../src/api/call-schemas.js'
import type { ExplanationView } from '../../../src/api/explanation-schemas.js'
import { FoundSessionsView } from '../../../src/api/person-schemas.js'
import { RULES } from '../../../src/masking/explain.js'
import { textIn } from '../signed-in.js'

const VIEW: ExplanationView = {
  outcome: 'refuse',
  rule: 'session_ended',
  explanation: 'Its own words.',
  dial_instead: [],
}
const [SOME_CALL] = CallView.examples as [CallView]
const [FOUND] = FoundSessionsView.examples as [FoundSessionsView]
const [SOME_SESSION] = FOUND.sessions as [FoundSessionsView['sessions'][number]]

function shown(view: Partial<ExplanationView>, found?: WhyAnswer['found']): string {
  const explained = { status: 200, body: { ...VIEW, ...view } }
  const answer = { caller: '+91 88888 00001', explained, found }
  return String(whyPage({ staff: { can: () => true, formToken: 'a-token' }, answer }, en).main)
}

test('there are words for every rule, and for those to come', (t) => {
  const rules: { readonly [rule: string]: { readonly why: string; readonly todo: string } } = en.why.rules
  for (const rule of RULES) {
    const name = rule.replaceAll('-', '_')
    t.ok(rules[name]?.todo, name)
    t.ok(textIn(shown({ rule: name })).includes(String(rules[name]?.why)))
  }
  t.match(shown({ rule: 'a_new_one' }), /Its own words\./)
  t.match(shown({ outcome: 'connect', rule: 'pin_needed' }), /It would connect with their PIN now/)
  t.end()
})

test('what happened last time, and when the session ended', (t) => {
  const ended = { session_id: 's_one', session_ended_at: '2100-01-01T00:10:00.000Z' }
  t.match(
    textIn(shown({ ...ended })),
    /It ended 2100-01-01 00:10 UTC What happened last time No call of this caller/,
  )
  const talked = shown({ ...ended, last_call: SOME_CALL })
  t.match(
    textIn(talked),
    /What happened last time Began 2100-01-01 00:00 UTC Outcome talked Talked 1 min 33 s/,
  )
  t.match(talked, `href="/console/calls/${SOME_CALL.id}"`)
  const silent = shown({
    ...ended,
    last_call: { ...SOME_CALL, outcome: 'busy', talk_seconds: 0, cause: 'the line was busy' },
  })
  t.match(textIn(silent), /Outcome busy Cause the line was busy/)
  t.end()
})

test('what a person dials in each of their sessions, however it stands', (t) => {
  const [one, other] = SOME_SESSION.participants as [
    (typeof SOME_SESSION.participants)[number],
    (typeof SOME_SESSION.participants)[number],
  ]
  const hostile = '"><script>alert(1)</script>'
  const html = shown(
    {},
    {
      status: 200,
      body: {
        sessions: [
          {
            ...SOME_SESSION,
            id: 's_pin',
            participants: [{ ...one, pin_only: true }, other],
            external_id: hostile,
          },
          { ...SOME_SESSION, id: 's_left', participant: null },
          { ...SOME_SESSION, id: 's_closed', status: 'closed', closed_at: '2100-01-01T00:05:00.000Z' },
        ],
        more: true,
      },
    },
  )
  t.notMatch(html, /<script>alert/)
  const text = textIn(html)
  t.ok(text.includes(hostile))
  t.match(
    text,
    /s_pin .*with the PIN alone .*s_left .*no number: they were replaced .*s_closed closed .*00:05 UTC/,
  )
  t.match(text, /There are older ones/)
  const problem = { code: 'rate_limited', title: '', detail: '' }
  t.match(shown({}, { status: 429, problem }), /Too many requests/)
  t.end()
})

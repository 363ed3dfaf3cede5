import { test } from 'tap'
import type { CallFacts } from '../../../src/calls/call-facts.js'
import { CALL_OUTCOMES, type CallSummary, summaryOf } from '../../../src/calls/call-summary.js'
import { STORIES } from '../../call-stories.js'

const LEG = '2d0b7c1e-5a51-4f0e-9a3e-111111111111'
const OTHER = '1c0b7c1e-5a51-4f0e-9a3e-000000000000'
const begun = { at: 0, side: 0 } as const

test('what the facts of a call come to', async (t) => {
  const talked = { how: 'talked', code: '4000', by: 'called', seconds: 13 } as const
  const cases: [title: string, facts: CallFacts, summary: Partial<CallSummary>][] = [
    ['it is under way', {}, { outcome: undefined, talk: undefined, ring: undefined, endedBy: undefined }],
    ['they are talking', { legs: { [LEG]: { answered: true, connected: true } } }, { outcome: undefined }],
    [
      'what became of the dialling tells most',
      { dialled: 'busy', ended: talked },
      { outcome: 'busy', talk: 0 },
    ],
    [
      'without it, the leg',
      { legs: { [LEG]: { connected: true, ended: talked } } },
      { outcome: 'talked', talk: 13 },
    ],
    [
      'a leg that was answered and not connected did not talk',
      { legs: { [LEG]: { answered: true, ended: talked } } },
      { outcome: 'no_answer', talk: 0, endedBy: 'called' },
    ],
    ['nor one of which nothing is known', { legs: { [LEG]: { ended: {} } } }, { outcome: 'no_answer' }],
    [
      'without the end of the leg, that of the caller’s own',
      { legs: { [LEG]: { connected: true } }, ended: { how: 'talked', by: 'caller', seconds: 20 } },
      { outcome: 'talked', talk: 20, endedBy: 'caller' },
    ],
    [
      'whose being answered is no talk where the leg was not connected',
      { legs: { [LEG]: { answered: true } }, ended: { how: 'talked', seconds: 20 } },
      { outcome: 'no_answer', talk: 0 },
    ],
    [
      'or says why not',
      { legs: { [LEG]: {} }, ended: { how: 'cancelled', code: '1000' } },
      { outcome: 'cancelled', code: '1000' },
    ],
    [
      'without any leg, that is all',
      { ended: { how: 'failed', seconds: 0 } },
      { outcome: 'failed', talk: 0 },
    ],
    [
      'of several legs, the one that was connected',
      { legs: { [OTHER]: { ended: { how: 'busy' } }, [LEG]: { connected: true, ended: talked } } },
      { outcome: 'talked', talk: 13 },
    ],
    [
      'the charge is exact',
      {
        legs: { [LEG]: { connected: true, ended: talked } },
        costs: { [LEG]: { amount: '0.45', currency: 'INR', talk: 12, ring: 5 } },
      },
      { outcome: 'talked', talk: 12, ring: 5 },
    ],
    [
      'a refusal stays one',
      { begun: { ...begun, refused: 'x' }, ended: talked },
      { outcome: 'refused', talk: 0 },
    ],
    [
      'who hung up, where only the caller’s leg says so',
      { legs: { [LEG]: { ended: { how: 'busy' } } }, ended: { by: 'caller', code: '4000' } },
      { outcome: 'busy', endedBy: 'caller', code: '4000' },
    ],
  ]
  for (const [title, facts, summary] of cases) t.match(summaryOf({ begun, ...facts }), summary, title)
})

test('each outcome is one of those that can be asked for', async (t) => {
  const outcomes = STORIES.map(({ facts }) => summaryOf(facts).outcome).filter((outcome) => outcome)
  for (const outcome of outcomes) t.ok(CALL_OUTCOMES.some((known) => known === outcome))
})

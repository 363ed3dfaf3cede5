import { test } from 'tap'
import { asksForInstructions, loggableCallId } from '../../../src/vobiz/webhook.js'

test('only StartApp, or no event, asks for instructions', async (t) => {
  t.ok(asksForInstructions({}), 'an event without a name')
  t.ok(asksForInstructions({ Event: '' }), 'an empty event')
  t.ok(asksForInstructions({ Event: 'StartApp' }))
  for (const Event of ['Hangup', 'CallInitiated', 'Ring', 'DialAnswer', 'RecordStop', 'startapp']) {
    t.notOk(asksForInstructions({ Event }), Event)
  }
})

test('loggableCallId lets only a UUID into the log', async (t) => {
  const uuid = '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b93'
  t.equal(loggableCallId({ CallUUID: uuid }), uuid)
  for (const CallUUID of ['', '918888800001', `${uuid} 918888800001`, `x${uuid}`]) {
    t.equal(loggableCallId({ CallUUID }), undefined, CallUUID)
  }
  t.equal(loggableCallId({}), undefined)
})

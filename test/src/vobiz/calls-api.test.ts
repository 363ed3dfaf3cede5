import { type Test, test } from 'tap'
import { VobizApiError } from '../../../src/vobiz/api-error.js'
import { type CallsApi, callsApi } from '../../../src/vobiz/calls-api.js'
import { createVobizClient, type VobizClient } from '../../../src/vobiz/client.js'
import { legRecord, type StandIn, standInRecording, startStandIn } from '../../vobiz-stand-in.js'

const CALL = '6d0f4d2e-1c3b-4a59-8e7f-90a1b2c3d4e5'

async function build(t: Test): Promise<{ standIn: StandIn; api: CallsApi }> {
  const standIn = await startStandIn()
  t.teardown(() => standIn.close())
  const client = createVobizClient({ ...standIn, secrets: [] }, { fetch, sleep: async () => undefined })
  return { standIn, api: callsApi(client, standIn.authId) }
}

/** An API that answers everything with one body. */
const answering = (body: unknown) => callsApi(async () => ({ body, date: undefined }), 'MA_1')

test('each operation takes its own path', async (t) => {
  const { standIn, api } = await build(t)
  standIn.recordings.set('rec-1', standInRecording('rec-1', CALL, Buffer.from('')))
  standIn.liveCalls.add(CALL)
  standIn.cdrs.set(CALL, legRecord(CALL, { bridge_uuid: 'other' }))
  t.equal(await api.recordingUrl('rec-1'), new URL('/media/rec-1.mp3', standIn.base).href)
  t.same([await api.deleteRecording('rec-1'), await api.deleteRecording('rec-1')], [true, false])
  t.same([await api.hangUp(CALL), await api.hangUp(CALL)], [true, false])
  t.same(await api.charge(CALL), { amount: '0.9', currency: 'INR', talk: 61, ring: 7, bridgedWith: 'other' })
  t.equal(await api.charge('no-such-leg'), undefined)
  t.equal(await api.recordingUrl('rec-1'), undefined)
  t.same(await api.recentCalls(100), [{ code: '4000', endedAt: Date.UTC(2100, 0, 1, 0, 1) }])
  t.same(standIn.violations, [])
  t.ok(standIn.requests.includes(`GET /account/${standIn.authId}/cdr/${CALL}`), 'in lower case')
})

test('what the API leaves out, or says in another way, is no error', async (t) => {
  for (const body of [undefined, null, {}, { data: null }, { data: 'text' }]) {
    const api = answering(body)
    t.equal(await api.recordingUrl('rec-1'), undefined)
    t.equal(await api.charge(CALL), undefined)
    t.same(await api.recentCalls(1), [])
  }
  t.equal(await answering({ recording_url: '' }).recordingUrl('rec-1'), undefined)
  t.same(await answering({ data: { total_cost: '0.45000', billsec: '13', currency: '₹' } }).charge(CALL), {
    amount: '0.45',
    currency: 'INR',
    talk: 13,
    ring: undefined,
    bridgedWith: undefined,
  })
  t.match(await answering({ data: { cost: 1, bridge_uuid: '', currency: 'USD' } }).charge(CALL), {
    amount: '1',
    currency: 'USD',
    bridgedWith: undefined,
  })
  t.same(await answering({ data: [null, { hangup_cause_code: '+918888800001' }] }).recentCalls(2), [
    { code: '', endedAt: Number.NaN },
    { code: '', endedAt: Number.NaN },
  ])
})

test('only what is not there is passed over', async (t) => {
  const failing: VobizClient = async () => {
    throw new VobizApiError(403, '')
  }
  const api = callsApi(failing, 'MA_1')
  for (const ask of [api.recordingUrl, api.deleteRecording, api.hangUp, api.charge])
    await t.rejects(async () => void (await ask('x')), VobizApiError)
  await t.rejects(api.recentCalls(1), VobizApiError)
})

import type { CallFacts } from '../../../src/calls/call-facts.js'
import { type Calls, createCalls } from '../../../src/calls/calls.js'
import { RECORDED, UNCOSTED } from '../../../src/calls/work-lists.js'
import type { Entry, Key, Storage } from '../../../src/masking/storage.js'
import { type TestClock, testClock } from '../../clocks.js'
import { memoryStorage } from '../../store-under-test.js'

export const DAY = 24 * 60 * 60 * 1_000
export const CALL = '6d0f4d2e-1c3b-4a59-8e7f-90a1b2c3d4e5'
export const LEG = 'aaaaaaaa-1c3b-4a59-8e7f-90a1b2c3d4e5'
export const RECORDING = 'bbbbbbbb-1c3b-4a59-8e7f-90a1b2c3d4e5'

export interface World {
  readonly clock: TestClock
  readonly storage: Storage
  readonly calls: Calls
  listed(list: Key): Promise<Entry[]>
  recorded(): Promise<Entry[]>
  uncosted(): Promise<Entry[]>
  /** Notes that a call began now, and more. */
  begin(id: string, facts?: CallFacts): Promise<void>
}

/** The records of calls in memory. */
export function world({ asks = 'cost' }: { readonly asks?: 'cost' | 'nothing' } = {}): World {
  const clock = testClock()
  const storage = memoryStorage(clock.now)
  const calls = createCalls({ storage, retentionMs: 90 * DAY, asks, onUnreadable: () => undefined })
  const listed = async (list: Key) => [
    ...(await storage.entries(list, { order: 'oldest first', limit: 100 })),
  ]
  return {
    clock,
    storage,
    calls,
    listed,
    recorded: () => listed(RECORDED),
    uncosted: () => listed(UNCOSTED),
    async begin(id, facts = {}) {
      await calls.note(id, { begun: { at: clock.time, sessionId: 's_1', side: 0 }, ...facts })
    },
  }
}

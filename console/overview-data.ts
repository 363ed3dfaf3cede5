import type { CallCountsView } from '../src/api/call-counts-schemas.js'
import type { CallPageView } from '../src/api/call-schemas.js'
import type { CapacityView } from '../src/api/capacity-schemas.js'
import type { EventPageView } from '../src/api/event-schemas.js'
import type { KeyView } from '../src/api/key-schemas.js'
import type { StatusView } from '../src/api/status-schemas.js'
import type { WebhookView } from '../src/api/webhook-schemas.js'
import type { Staff } from './hooks/staff.js'

/** What the overview is made of. What the key may not see is undefined. */
export interface OverviewData {
  readonly status: StatusView
  readonly counts: CallCountsView | undefined
  readonly live: CallPageView | undefined
  readonly capacity: CapacityView | undefined
  readonly webhooks: readonly WebhookView[] | undefined
  /** Trouble at the carrier, of late. */
  readonly troubles: EventPageView | undefined
  readonly keys: readonly KeyView[] | undefined
  readonly staff: Pick<Staff, 'can' | 'formToken'>
  /** Milliseconds since 1970. */
  readonly now: number
}

/** How many of the calls that go on are shown. */
export const LIVE_SHOWN = 10
/** Trouble at the carrier counts for so long, in milliseconds. */
export const TROUBLE_MS = 60 * 60 * 1_000
const TROUBLES_SHOWN = 5

/** Asks the API for all of it at once. */
export async function overviewData(staff: Staff, now: number): Promise<OverviewData> {
  const { api } = staff
  const since = new Date(now - TROUBLE_MS).toISOString()
  const [status, counts, live, capacity, webhooks, troubles, keys] = await Promise.all([
    api.get<StatusView>('/status'),
    staff.can('calls:read') ? api.get<CallCountsView>('/calls/summary') : undefined,
    staff.can('calls:read')
      ? api.get<CallPageView>('/calls', { state: 'in_progress', limit: LIVE_SHOWN })
      : undefined,
    staff.can('sessions:read') ? api.get<CapacityView>('/capacity') : undefined,
    staff.can('webhooks:read')
      ? api.get<{ readonly webhooks: readonly WebhookView[] }>('/webhooks')
      : undefined,
    staff.can('events:read')
      ? api.get<EventPageView>('/events', { type: 'carrier.trouble', from: since, limit: TROUBLES_SHOWN })
      : undefined,
    staff.can('admin') ? api.get<{ readonly keys: readonly KeyView[] }>('/keys') : undefined,
  ])
  return {
    status,
    counts,
    live,
    capacity,
    webhooks: webhooks?.webhooks,
    troubles,
    keys: keys?.keys,
    staff,
    now,
  }
}

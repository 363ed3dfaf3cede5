import type { CarrierTrouble } from '../calls/call-news.js'
import { type BusinessEvent, EVENT_VERSION, type EventData, eventId } from './event.js'
import type { Outbox } from './outbox.js'

/** Milliseconds for which the same trouble with the carrier is told once, whoever notices it how often. */
export const TROUBLE_MS = 60 * 60 * 1_000

/**
 * The trouble of one hour.
 *
 * @param since milliseconds since 1970: when it was noticed
 */
export function troubleEvent(
  trouble: CarrierTrouble,
  since: number,
  { at, callId }: { readonly at: number; readonly callId?: string },
): BusinessEvent {
  const hour = Math.floor(since / TROUBLE_MS)
  const data: EventData = { version: EVENT_VERSION, trouble, call_id: callId ?? null }
  return { id: eventId(`carrier.trouble/${trouble}`, String(hour)), type: 'carrier.trouble', at, data }
}

/** Tells of trouble of which no call, but the API of the carrier tells. */
export interface CarrierNews {
  note(trouble: CarrierTrouble): void
  /** To be called every second. */
  upkeep(): Promise<void>
}

/** @param now milliseconds since 1970 */
export function createCarrierNews(now: () => number, outbox: Pick<Outbox, 'add'>): CarrierNews {
  /** What is to be told, and what was. */
  const noted = new Map<string, BusinessEvent>()
  const told = new Map<CarrierTrouble, string>()

  return {
    note(trouble) {
      const at = now()
      const event = troubleEvent(trouble, at, { at })
      if (told.get(trouble) === event.id) return
      told.set(trouble, event.id)
      noted.set(event.id, event)
    },

    async upkeep() {
      if (noted.size === 0) return
      const events = [...noted.values()]
      await outbox.add(events)
      // Only then: what a store that is down did not take is told later.
      for (const { id } of events) noted.delete(id)
    },
  }
}

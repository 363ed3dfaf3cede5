import type { CallFacts, RecordedFacts } from '../calls/call-facts.js'
import { type CallNews, newsOf } from '../calls/call-news.js'
import { summaryOf } from '../calls/call-summary.js'
import { CALLS_TO_TELL, callKey, isForgotten } from '../calls/calls.js'
import { otherSide } from '../masking/session.js'
import { newsOfEntry } from '../masking/to-tell.js'
import { troubleEvent } from './carrier-news.js'
import { type BusinessEvent, EVENT_VERSION, type EventData, eventId } from './event.js'
import type { Source } from './source.js'

/**
 * What the records of calls tell.
 *
 * @param now milliseconds since 1970: when something became known that the carrier tells no time of
 */
export function createCallSource(now: () => number): Source {
  return {
    list: CALLS_TO_TELL,
    keyOf: callKey,

    newsIn(id, kept, entries) {
      if (!kept) return 'nothing'
      if (isForgotten(kept)) return 'gone'
      const facts = kept.value as RecordedFacts
      const news = new Map(newsOf(facts).map((one) => [one.name, one]))
      // Whoever made another entry has not written yet.
      const written = entries.filter((entry) => newsOfEntry(entry).every((name) => news.has(name)))
      if (written.length === 0) return 'nothing'
      const names = new Set(written.flatMap(newsOfEntry))
      const events = [...names].map((name) => eventOf(id, facts, news.get(name) as CallNews))
      return { events, entries: written }
    },
  }

  function eventOf(callId: string, facts: RecordedFacts, news: CallNews): BusinessEvent {
    const { kind, name } = news
    const { at, sessionId } = facts.begun
    if (news.trouble) return troubleEvent(news.trouble, at, { at: now(), callId })
    return {
      id: eventId(callId, name),
      type: kind,
      at: kind === 'call.started' ? at : now(),
      sessionId,
      data: { ...callData(callId, facts), ...dataOf(news, facts) },
    }
  }
}

function callData(callId: string, { begun }: RecordedFacts): EventData {
  const { at, sessionId, side } = begun
  return {
    version: EVENT_VERSION,
    call_id: callId,
    session_id: sessionId ?? null,
    caller: side ?? null,
    called: side === undefined ? null : otherSide(side),
    began_at: new Date(at).toISOString(),
  }
}

function dataOf(
  { kind, locked, recordingId }: CallNews,
  facts: CallFacts,
): Readonly<Record<string, unknown>> {
  const { outcome, refused, talk, ring, endedBy, code } = summaryOf(facts)
  if (kind === 'call.refused') return { refused_because: String(refused).replaceAll('-', '_') }
  if (kind === 'call.ended')
    return {
      outcome: outcome ?? null,
      ring_seconds: ring ?? null,
      talk_seconds: talk ?? null,
      ended_by: endedBy ?? null,
      cause_code: code ?? null,
    }
  if (locked) return { locked, locked_until: new Date(Number(facts.pinLocks?.[locked])).toISOString() }
  return recordingId === undefined ? {} : { recording_id: recordingId }
}

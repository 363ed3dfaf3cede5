import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  type SpanStatus,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import type { Test } from 'tap'

/** A span as an SDK would have exported it. */
export interface EndedSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Attributes
  readonly events: readonly string[]
  readonly status: SpanStatus | undefined
  readonly startTime: SpanOptions['startTime']
  readonly id: string
  readonly traceId: string
  readonly parentId: string | undefined
}

/** Stands in for a tracing SDK in this process until the test ends. Says which spans have ended, in this order. */
export function tracingStandIn(t: Test): () => readonly EndedSpan[] {
  const ended: EndedSpan[] = []
  context.setGlobalContextManager(contextManager())
  propagation.setGlobalPropagator({
    inject(from, carrier, { set }) {
      const { traceId, spanId } = trace.getSpanContext(from) ?? {}
      if (traceId) set(carrier, 'traceparent', `00-${traceId}-${spanId}-01`)
    },
    fields: () => ['traceparent'],
    extract(parent, carrier, { get }) {
      const [, traceId, spanId] = /^00-(\w{32})-(\w{16})-01$/.exec(String(get(carrier, 'traceparent'))) ?? []
      if (!traceId || !spanId) return parent
      return trace.setSpanContext(parent, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true })
    },
  })
  trace.setGlobalTracerProvider({
    getTracer: () => ({
      startSpan: (name, options = {}, parent = context.active()) => standInSpan(name, options, parent, ended),
      startActiveSpan: () => {
        throw new Error('not used')
      },
    }),
  })
  t.teardown(() => {
    for (const api of [trace, propagation, context]) api.disable()
  })
  return () => ended
}

function standInSpan(name: string, options: SpanOptions, parent: Context, ended: EndedSpan[]): Span {
  const above = options.root ? undefined : trace.getSpanContext(parent)
  const own: SpanContext = {
    traceId: above?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: TraceFlags.SAMPLED,
  }
  const { kind = SpanKind.INTERNAL, attributes = {}, startTime } = options
  const told = {
    attributes: { ...attributes },
    events: [] as string[],
    status: undefined as SpanStatus | undefined,
  }
  const span = {
    spanContext: () => own,
    setAttribute(key: string, value: string) {
      told.attributes[key] = value
      return span
    },
    addEvent(event: string) {
      told.events.push(event)
      return span
    },
    setStatus(status: SpanStatus) {
      told.status = status
      return span
    },
    end() {
      const { spanId: id, traceId } = own
      ended.push({ name, kind, startTime, ...told, id, traceId, parentId: above?.spanId })
    },
  }
  return span as unknown as Span
}

function contextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>()
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (own, work, self, ...more) => storage.run(own, () => work.apply(self as never, more)),
    bind: (_own, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  return manager
}

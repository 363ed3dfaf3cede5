import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { isSuccess } from '../events/deliverer.js'
import type { Storage } from '../masking/storage.js'
import { VERSION } from '../package-file.js'
import type { RequestSpan, Tracing } from './request-span.js'

/** Tells the tracing SDK of this process. The names of attributes are those of OpenTelemetry where it has some. */
export function createTracing(): Tracing {
  const tracer = trace.getTracer('callmask', VERSION)
  return {
    begin({ method, route, operation, at, headers }) {
      const parent = headers ? propagation.extract(context.active(), headers) : context.active()
      const attributes = {
        'http.request.method': method,
        'http.route': route,
        ...(operation && { 'callmask.operation': operation }),
      }
      const options = { kind: SpanKind.SERVER, startTime: at, attributes }
      const span = tracer.startSpan(`${method} ${route}`.trimEnd(), options, parent)
      return requestSpan(span)
    },
    traced: (storage, kind) => tracedStorage(storage, (operation) => beginOperation(operation, kind)),
    tracedPost: (post) => async (url, headers, body) => {
      const attributes = { 'http.request.method': 'POST' }
      // Nobody waits for it, so it is a trace of its own. The URL may hold a secret.
      const span = tracer.startSpan('deliver event', { kind: SpanKind.CLIENT, attributes, root: true })
      const sent = { ...headers }
      propagation.inject(trace.setSpan(context.active(), span), sent)
      const posted = await post(url, sent, body)
      if ('status' in posted) span.setAttribute('http.response.status_code', posted.status)
      else span.setAttribute('error.type', posted.why)
      if (!isSuccess(posted)) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
      return posted
    },
  }

  /** Undefined for work in the background, which is not part of any request. */
  function beginOperation(operation: string, kind: string): Span | undefined {
    if (!trace.getActiveSpan()) return undefined
    const attributes = { 'db.system.name': kind, 'db.operation.name': operation }
    return tracer.startSpan(`store ${operation}`, { kind: SpanKind.CLIENT, attributes })
  }
}

function requestSpan(span: Span): RequestSpan {
  const own = trace.setSpan(context.active(), span)
  return {
    ids: { trace_id: span.spanContext().traceId, span_id: span.spanContext().spanId },
    step: (name) => void span.addEvent(name),
    set(name, value) {
      if (value !== undefined) span.setAttribute(name, value)
    },
    run: (work) => context.with(own, work),
    end(status) {
      span.setAttribute('http.response.status_code', status)
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}

function tracedStorage(storage: Storage, begin: (operation: string) => Span | undefined): Storage {
  return {
    ...storage,
    read: (keys) => traced('read', () => storage.read(keys)),
    swap: (change) => traced('swap', () => storage.swap(change)),
    enlist: (list, entry, until) => traced('enlist', () => storage.enlist(list, entry, until)),
    delist: (list, entries) => traced('delist', () => storage.delist(list, entries)),
    entries: (list, piece) => traced('entries', () => storage.entries(list, piece)),
    confirm: (keys) => traced('confirm', () => storage.confirm(keys)),
  }

  function traced<Answer>(operation: string, ask: () => Answer): Answer {
    const span = begin(operation)
    if (!span) return ask()
    try {
      const asked = ask()
      if (asked instanceof Promise)
        asked.then(
          () => span.end(),
          () => fail(span),
        )
      else span.end()
      return asked
    } catch (error) {
      fail(span)
      throw error
    }
  }
}

/** Without the error, whose text may come from anywhere. */
function fail(span: Span): void {
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

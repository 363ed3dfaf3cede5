import type { IncomingHttpHeaders } from 'node:http'
import type { Post } from '../events/post.js'
import type { Storage } from '../masking/storage.js'

/** Tells a tracing SDK what happens. Nothing that it is told holds a number or a URL. */
export interface Tracing {
  begin(request: TracedRequest): RequestSpan
  /** The same storage: what is asked of it while a request is answered gets a span in that. */
  traced(storage: Storage, kind: string): Storage
  /** The same way to send something: each attempt gets a span, and says in `traceparent` which one. */
  tracedPost(post: Post): Post
}

/** A request that was let in. */
export interface TracedRequest {
  readonly method: string
  /** As it is written in the code: `/v1/sessions/:id`. Empty where there is none. */
  readonly route: string
  readonly operation: string | undefined
  /** When it came, in milliseconds since 1970. */
  readonly at: number
  /** Those of somebody whose trace is continued. */
  readonly headers?: IncomingHttpHeaders | undefined
}

/** By the names that OpenTelemetry has for them in a log. */
export interface TraceIds {
  readonly trace_id: string
  readonly span_id: string
}

/** What is told of one request. */
export interface RequestSpan {
  /** Of lines in the log that belong to it. */
  readonly ids: TraceIds
  /** A part of the work is done. */
  step(name: string): void
  set(name: string, value: string | undefined): void
  /** Whatever this asks is part of the request. */
  run(work: () => void): void
  /** @param status the HTTP status of the reply */
  end(status: number): void
}

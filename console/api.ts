import type { FastifyInstance, FastifyRequest, InjectOptions } from 'fastify'
import type { Asker } from '../src/access/api-key.js'
import { API_PREFIX } from '../src/api/description.js'
import { type Query, withQuery } from './urls.js'

/**
 * The API, asked in this process in the name of whoever has signed in. The console has no other way to anything: so it can do
 * what the key can, within the same limits, and all of it stands in the audit trail.
 */
export interface Api {
  /** What the API says; a problem is thrown as a `PageProblem`. @param path below `/v1` */
  get<Body>(path: string, query?: Query): Promise<Body>
  /** What the API says, be it a problem. */
  send<Body>(method: Method, path: string, body?: object): Promise<ApiReply<Body>>
  /** A reply that goes on to the browser: its body comes as a stream, at the pace of whoever reads it. */
  pass(path: string, headers: Headers): ReturnType<typeof answered>
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Headers = Readonly<Record<string, string>>

export type ApiReply<Body> =
  | { readonly status: number; readonly body: Body; readonly problem?: undefined }
  | { readonly status: number; readonly problem: ProblemView; readonly body?: undefined }

/** A problem as the API shows it. */
export interface ProblemView {
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
}

/** The API refused what a page needs. */
export class PageProblem extends Error {
  override readonly name = 'PageProblem'

  constructor(
    readonly status: number,
    readonly problem: ProblemView,
  ) {
    super(problem.title)
  }
}

export function createApi(app: FastifyInstance, request: FastifyRequest, key: Asker): Api {
  return {
    async get<Body>(path: string, query: Query = {}) {
      return bodyOf(await send<Body>('GET', withQuery(path, query)))
    },
    send,
    pass: (path, headers) => ask({ method: 'GET', url: path, headers, payloadAsStream: true }),
  }

  async function send<Body>(method: Method, path: string, body?: object): Promise<ApiReply<Body>> {
    const { statusCode: status, payload } = await ask({ method, url: path, ...(body && { payload: body }) })
    const value = JSON.parse(payload)
    return status < 400 ? { status, body: value } : { status, problem: value }
  }

  /** The request comes from where that of the browser comes from, for the limits and the audit trail. */
  async function ask(options: InjectOptions & { readonly url: string }) {
    const authorization = app.tickets.issue(key)
    const { 'x-forwarded-for': forwarded } = request.headers
    try {
      return await answered(app, {
        ...options,
        url: API_PREFIX + options.url,
        remoteAddress: String(request.socket.remoteAddress),
        headers: {
          ...options.headers,
          authorization,
          'x-request-id': request.id,
          ...(forwarded && { 'x-forwarded-for': forwarded }),
        },
      })
    } finally {
      app.tickets.end(authorization)
    }
  }
}

function answered(app: FastifyInstance, options: InjectOptions) {
  return app.inject(options)
}

/** What a reply holds. Throws a `PageProblem` where it is a problem. */
export function bodyOf<Body>({ status, body, problem }: ApiReply<Body>): Body {
  if (problem) throw new PageProblem(status, problem)
  return body as Body
}

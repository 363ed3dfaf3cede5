import type { FastifyInstance } from 'fastify'

/** Whoever has signed in, as a browser: with a cookie, and forms that hold their token. */
export interface SignedIn {
  get(path: string, headers?: Record<string, string>): Promise<Shown>
  /** Sends a form of a page, which holds the token of its page. */
  post(path: string, fields?: Fields): Promise<Shown>
  readonly cookie: string
  readonly token: string
}

/** What stands in a form. Pairs, where there are several of one name. */
export type Fields = Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[]

export interface Shown {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  /** The markup. */
  readonly html: string
  /** What can be read in it, with single spaces. */
  readonly text: string
}

/** Browsers say so of a form that stands on the same site. */
const SAME_SITE = { 'sec-fetch-site': 'same-origin' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** Signs in with a key. */
export async function signIn(app: FastifyInstance, key: string): Promise<SignedIn> {
  const reply = await app.inject({
    method: 'POST',
    url: '/console/sign-in',
    headers: { ...FORM, ...SAME_SITE },
    payload: String(new URLSearchParams({ key })),
  })
  const [cookie = ''] = String(reply.headers['set-cookie']).split(';')
  const { html } = await ask('GET', '/console/sessions/new', {})
  const [, token = ''] = /name="_token" value="([\w-]+)"/.exec(html) ?? []

  return {
    get: (path, headers = {}) => ask('GET', path, headers),
    post: (path, fields = {}) => ask('POST', path, { ...FORM, ...SAME_SITE }, formOf(token, fields)),
    cookie,
    token,
  }

  async function ask(
    method: 'GET' | 'POST',
    url: string,
    headers: Record<string, string>,
    payload?: string,
  ): Promise<Shown> {
    const shown = await app.inject({
      method,
      url,
      headers: { cookie, ...headers },
      ...(payload !== undefined && { payload }),
    })
    return {
      status: shown.statusCode,
      headers: shown.headers,
      html: shown.payload,
      text: textIn(shown.payload),
    }
  }
}

function formOf(token: string, fields: Fields): string {
  const pairs = Array.isArray(fields) ? fields : Object.entries(fields)
  return String(new URLSearchParams([['_token', token], ...pairs]))
}

/** What can be read in markup. */
export function textIn(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ')
    .trim()
}

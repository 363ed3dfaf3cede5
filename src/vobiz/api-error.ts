/** A request to the Vobiz API that was refused or got no answer. The message says what to do, and quotes no number or token. */
export class VobizApiError extends Error {
  override readonly name = 'VobizApiError'

  /** @param status the HTTP status; undefined when there was no answer */
  constructor(
    readonly status: number | undefined,
    said: string,
  ) {
    super([said === '' ? undefined : `Vobiz says: ${said}`, remedyFor(status)].filter(Boolean).join('. '))
  }
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'VOBIZ_AUTH_ID or VOBIZ_AUTH_TOKEN is wrong, or the account is a sub-account: then use its own SA_ id and token',
  402: 'The balance of the account is used up: top it up in the console',
  403: 'The account may not do this: ask Vobiz to allow it',
  404: 'It is not there (any more): look it up in the console',
  409: 'It is still in use: detach its numbers first',
  422: 'Vobiz does not accept these values: check the settings',
  429: 'Too many requests: wait a minute and run it again',
}

function remedyFor(status: number | undefined): string {
  if (status === undefined) return 'There is no answer: check VOBIZ_API_BASE and the network'
  if (status >= 500) return 'Vobiz has a problem of its own: run it again later'
  return REMEDIES[status] ?? `The API answered with ${status}`
}

/** Reads what an error body says, in any of the four shapes that the API has. */
export function saidBy(body: unknown): string {
  if (typeof body !== 'object' || body === null) return ''
  const { error, message, details } = body as Record<string, unknown>
  if (typeof error === 'object' && error !== null) return saidBy(error)
  const texts = [error, message].filter((text) => typeof text === 'string')
  const fields = typeof details === 'object' && details !== null ? Object.entries(details) : []
  return [...texts, ...fields.map(([field, wrong]) => `${field}: ${String(wrong)}`)].join(', ')
}

/** The path of a URL. It may hold a path secret, also one that is no longer in the settings. */
const URL_PATH = /(https?:\/\/[^\s/"'<>]+\/)[^\s"'<>,]+/gi
/** The same where only the path is quoted. */
const ANSWER_PATH = /\/?[^\s/"'<>]{1,200}(?=\/answer\b)/gi

/** An error of the API may quote what it was asked with: tokens, the Answer URL, numbers. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
  return known
    .replace(URL_PATH, '$1…')
    .replace(ANSWER_PATH, '/…')
    .replace(/\d{5,}(?=\d{2})/g, '…')
}

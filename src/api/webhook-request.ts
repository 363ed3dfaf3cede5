import { refuseNumberIn } from './free-text.js'
import { invalidWebhookUrl, ProblemError } from './problem.js'

/** A URL that events may be sent to. What its name leads to is looked at with each event. */
export function readWebhookUrl(text: string, field: 'url' | 'fallback_url'): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isFit = url?.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === ''
  if (!url || !isFit) throw new ProblemError(invalidWebhookUrl(field))
  return url.href
}

/** What the business says of an endpoint, for itself. Replies show it. */
export function readDescription(text: string): string {
  refuseNumberIn(text, 'description')
  return text
}

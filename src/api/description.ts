/** The prefix of all paths of the API. */
export const API_PREFIX = '/v1'

/** The groups of operations. */
export const TAGS = [
  { name: 'Sessions', description: 'Pairings of two people for a limited time.' },
  { name: 'People', description: 'What is kept of a person.' },
  { name: 'Numbers', description: 'The pool: the masking numbers that sessions are given.' },
  { name: 'Calls', description: 'What happens to a call, and why.' },
  { name: 'Events', description: 'What the business is told of.' },
  { name: 'Webhooks', description: 'Where events are sent to.' },
  { name: 'Keys', description: 'Who may do what. They are kept in the shared store.' },
  { name: 'Service', description: 'How this instance is.' },
] as const

/** The description of the API as a whole. */
export const DESCRIPTION = `
Sessions in which two people call each other through masking numbers. No reply ever contains a real number.

**Keys.** Every request needs one, as \`Authorization: Bearer <key>\`. Without it everything under \`${API_PREFIX}\` answers
401, and tells nothing else. A key has scopes, and each operation names the one that it needs (403 \`missing_scope\`); a key with
\`admin\` may do everything.

**Limits.** A key may send so many requests a second, and a burst of them; \`RateLimit-Policy\` and \`RateLimit\` say how many are
left (draft-ietf-httpapi-ratelimit-headers-10). What is too much is 429 \`rate_limited\` with \`Retry-After\`.

**Phone numbers** may be written in any way, best with their country code: \`+91 88888 00001\`, \`08888800001\`,
\`tel:+91-88888-00001\` (a \`tel:\` URI with an extension is no number). Replies have them as \`+918888800001\`.

**Bodies** are JSON and have exactly the types of their schemas: nothing is converted, and a field that is not known is refused.

**Once and again.** While a session with an \`external_id\` is open, the same request gets that session, and a different one is a
conflict. Once it is over, a new session may take the name; the old one stays reachable by its id. An \`Idempotency-Key\` belongs
to its request for as long as its session is remembered (\`SESSION_RETENTION\` after its end, or longer where numbers rest longer): sent
again, it gets the same session, also when that is over. Where both are sent, the key decides. A key that comes with the
\`external_id\` of an open session belongs to that session from then on.

**Problems** are \`application/problem+json\` (RFC 9457): \`code\` is stable and for programs, \`title\` and \`detail\` say what is
wrong and what to do, and nothing quotes the request. Each operation lists those it can answer with. Besides, a path that does
not exist is 404 \`not_found\`, another method than those of a path is 405 \`method_not_allowed\` with \`Allow\`, and \`HEAD\` works
wherever \`GET\` does.
`.trim()

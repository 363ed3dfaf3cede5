/** Why an endpoint did not answer. */
export const POST_FAILURES = ['timeout', 'dns', 'tls', 'connection', 'forbidden_address'] as const
export type PostFailure = (typeof POST_FAILURES)[number]

import { UsageError } from './usage-error.js'

/** The address of a running instance, without a slash at its end: what the user says, or this machine. */
export function instanceUrl(url: string | undefined, port: string | number): string {
  return (url ?? `http://127.0.0.1:${port}`).replace(/\/+$/, '')
}

export function nothingAnswers(): UsageError {
  return new UsageError(
    'nothing answers there: start the service with `npx callmask serve`, or give its --url',
  )
}

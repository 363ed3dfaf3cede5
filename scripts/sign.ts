/** Prints the headers of a signed webhook as options for `curl`: `npm run --silent sign -- /answer`. */

import { entries } from '../src/config/entries.js'
import { readEnvironment } from '../src/config/environment.js'
import { signedBaseOf } from '../src/config/webhook-checks.js'
import { signatureHeaders } from '../src/vobiz/signature.js'

const { VOBIZ_AUTH_TOKEN, PUBLIC_BASE_URL } = readEnvironment()
const [token] = entries(VOBIZ_AUTH_TOKEN)
const [, , path] = process.argv
if (!token || !PUBLIC_BASE_URL || !path?.startsWith('/')) {
  console.error('Usage: VOBIZ_AUTH_TOKEN=… PUBLIC_BASE_URL=https://… npm run --silent sign -- /answer')
  process.exit(2)
}
const headers = signatureHeaders(signedBaseOf(PUBLIC_BASE_URL) + path, token)
console.log(
  Object.entries(headers)
    .map(([name, value]) => `-H ${name}:${value}`)
    .join(' '),
)

import { keyLine } from '../../src/access/api-key.js'
import { createSecret } from '../../src/access/key-secret.js'
import type { Scope } from '../../src/access/scopes.js'

/** A key with some scopes alone: what whoever has it sends, and the settings by which the service knows it. */
export function narrowKey(...scopes: readonly Scope[]) {
  const { text, id, hash } = createSecret()
  const line = keyLine({ name: 'narrow', scopes, origin: 'configuration', id, hash })
  return { text, environment: { API_KEY_HASHES: line } }
}

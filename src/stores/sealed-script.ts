import { hashedName, type Script, UnreadableTextError } from './storage.js'
import type { Name } from './texts.js'
import { UnknownKeyError, type Vault } from './vault.js'

export interface SealedScriptOptions {
  readonly vault: Vault
  /** What secrets are named with: the same for all instances, and unknown to whoever can look into the store. */
  readonly namingSecret: () => Buffer
}

/** Values are sealed, and a secret is named by its keyed hash: whoever looks into the store learns neither. */
export function createSealedScript({ vault, namingSecret }: SealedScriptOptions): Script {
  return {
    nameOf: (kind, secret) => hashedName(namingSecret(), kind, secret),
    write: (value, name) => vault.seal(JSON.stringify(value), contextOf(name)),
    read(text, name) {
      try {
        return JSON.parse(vault.open(text, contextOf(name)))
      } catch (error) {
        throw new UnreadableTextError(error instanceof UnknownKeyError ? 'unknown-key' : 'altered')
      }
    },
    isOld: (text) => !text.startsWith(`${vault.keyIds[0]}.`),
  }
}

/** A text that was sealed for one place opens in no other. */
function contextOf({ kind, id }: Name): string {
  return `${kind}/${id}`
}

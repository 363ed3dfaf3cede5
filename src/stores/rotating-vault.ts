import { createVault, type Vault } from './vault.js'

/** A vault whose keys can be rotated while it is in use. */
export interface RotatingVault extends Vault {
  /** From here on the first of these keys writes, and all of them read. */
  useKeys(keys: readonly [string, ...string[]]): void
}

/** @param keys as `createVault` takes them */
export function createRotatingVault(keys: readonly [string, ...string[]]): RotatingVault {
  let vault = createVault(keys)
  return {
    marksOf: (text) => vault.marksOf(text),
    seal: (...about) => vault.seal(...about),
    open: (...about) => vault.open(...about),
    get keyIds() {
      return vault.keyIds
    },
    get namingSecret() {
      return vault.namingSecret
    },
    useKeys(keys) {
      vault = createVault(keys)
    },
  }
}

import type { Storage } from '../src/masking/storage.js'
import { createAbout } from '../src/stores/about.js'
import { createMemoryTexts } from '../src/stores/memory-texts.js'
import { createSealedScript } from '../src/stores/sealed-script.js'
import { createStorage } from '../src/stores/storage.js'
import type { Texts } from '../src/stores/texts.js'
import { createVault, type Vault } from '../src/stores/vault.js'

/** One instance's view of texts that others see too. */
export interface Sealed {
  readonly storage: Storage
  readonly vault: Vault
  readonly refresh: () => Promise<void>
}

/** A sealed storage over texts, with these keys. */
export function sealedOver(texts: Texts, ...keys: readonly [string, ...string[]]): Sealed {
  const vault = createVault(keys)
  const about = createAbout(texts, vault)
  const script = createSealedScript({ vault, namingSecret: about.namingSecret })
  return { storage: createStorage(texts, script, about.known), vault, refresh: about.refresh }
}

/** Texts in memory, into which a test may look and write. */
export interface OpenTexts extends Texts {
  textOf(kind: string, id: string): Promise<string>
  /** Writes a text in the place of whatever is there; undefined removes it. */
  put(kind: string, id: string, text: string | undefined): Promise<void>
  idsOf(kind: string): Promise<string[]>
}

export function openTexts(now: () => number): OpenTexts {
  const texts = createMemoryTexts(now)
  const at = async (kind: string, id: string) => {
    const [text] = await texts.read([{ kind, id }])
    return text as string | undefined
  }
  return {
    ...texts,
    textOf: async (kind, id) => (await at(kind, id)) ?? '',
    async put(kind, id, text) {
      const was = await at(kind, id)
      await texts.swap({ name: { kind, id }, was, text, until: Number.POSITIVE_INFINITY })
    },
    async idsOf(kind) {
      const ids: string[] = []
      for await (const found of texts.all(kind)) ids.push(...found.map(({ id }) => id))
      return ids
    },
  }
}

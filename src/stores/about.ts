import { StoreUnavailableError } from '../masking/storage.js'
import type { Name, Texts } from './texts.js'
import type { Vault } from './vault.js'

/** What the versions of callmask must agree on, and what its instances name secrets with. */
export interface About {
  /** Undefined once it is known; else resolves when it is. Rejects with a `ForeignStoreError`, or as the store fails. */
  known(): Promise<void> | undefined
  readonly namingSecret: () => Buffer
  /** The form in which the store says that it is kept; undefined for an empty store. */
  schema(): Promise<number | undefined>
  /** Looks again, and writes it again where it was lost or is sealed with an older key. */
  refresh(): Promise<void>
}

/** The form in which this version keeps things, and the oldest version that can read what it writes. */
export const SCHEMA = 3
export const READABLE_BY = 3

/** In front of every key of a deployment, for this form of what is kept. */
export function storePrefix(deployment: string): string {
  return `${deployment}:${SCHEMA}:`
}

/** The store cannot be used by this instance. The message says why, and what to do. */
export class ForeignStoreError extends Error {
  override readonly name = 'ForeignStoreError'
}

function foreignSchema(schema: number): ForeignStoreError {
  return new ForeignStoreError(
    `The store has schema ${schema}, and this version of callmask reads up to ${SCHEMA}: run the version that wrote it, or a later one.`,
  )
}

function foreignKey(): ForeignStoreError {
  return new ForeignStoreError(
    'The store was written with another key: put the key that it was written with into STORE_KEY, also behind a new one.',
  )
}

/** As it is written: in plain, but for the secret. */
interface Written {
  readonly schema: number
  readonly readableBy: number
  readonly naming: string
}

const NAME: Name = { kind: 'about', id: 'store' }
const CONTEXT = 'about/naming'
const MAX_ATTEMPTS = 5

export function createAbout(texts: Pick<Texts, 'read' | 'swap'>, vault: Vault): About {
  let secret: Buffer | undefined
  let loading: Promise<void> | undefined

  return {
    known() {
      if (secret) return undefined
      loading ??= refresh().finally(() => {
        loading = undefined
      })
      return loading
    },
    namingSecret() {
      if (!secret) throw new TypeError('the store is not known yet')
      return secret
    },
    async schema() {
      const [text] = await texts.read([NAME])
      return typeof text === 'string' ? parsed(text).schema : undefined
    },
    refresh,
  }

  async function refresh(): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const [text] = await texts.read([NAME])
      let form = { schema: SCHEMA, readableBy: READABLE_BY }
      if (typeof text === 'string') {
        const { schema, readableBy, naming } = parsed(text)
        if (readableBy > SCHEMA) throw foreignSchema(schema)
        secret = opened(naming)
        if (schema >= SCHEMA && naming.startsWith(`${vault.keyIds[0]}.`)) return
        // A later version wrote it, and is what counts.
        if (schema > SCHEMA) form = { schema, readableBy }
      }
      // Lost with a server, it comes back as it was: the names of everything rest on it.
      const value = written(form, secret ?? vault.namingSecret)
      if (await texts.swap({ name: NAME, was: text, text: value, until: Number.POSITIVE_INFINITY })) {
        secret ??= vault.namingSecret
        return
      }
    }
    if (!secret) throw new StoreUnavailableError()
  }

  function opened(naming: string): Buffer {
    try {
      return Buffer.from(vault.open(naming, CONTEXT), 'base64')
    } catch {
      throw foreignKey()
    }
  }

  function parsed(text: string): Written {
    try {
      return JSON.parse(text) ?? {}
    } catch {
      throw new ForeignStoreError(
        'What the store says of itself is not by callmask: give callmask a store, or a STORE_PREFIX, of its own.',
      )
    }
  }

  function written(form: Omit<Written, 'naming'>, naming: Buffer): string {
    const sealed = vault.seal(naming.toString('base64'), CONTEXT)
    return JSON.stringify({ ...form, naming: sealed } satisfies Written)
  }
}

import { createHmac, randomBytes } from 'node:crypto'
import {
  type Kept,
  type Key,
  type Storage,
  StoreUnavailableError,
  type Unreadable,
} from '../masking/storage.js'
import { andThen, type MaybePromise } from '../maybe-promise.js'
import { ForeignStoreError } from './about.js'
import { type Name, type Texts, WRONG_TYPE } from './texts.js'

/** How values and secrets are written down. */
export interface Script {
  /** What a secret of a kind is called. */
  nameOf(kind: string, secret: string): string
  write(value: unknown, name: Name): string
  /** Throws an `UnreadableTextError`. */
  read(text: string, name: Name): unknown
  /** Whether what it reads would be written with another key now. */
  isOld(text: string): boolean
}

export class UnreadableTextError extends Error {
  override readonly name = 'UnreadableTextError'

  constructor(readonly reason: Unreadable) {
    super(`a text cannot be read: ${reason}`)
  }
}

/** As they are: for a store that nobody else can look into. */
export const plainScript: Script = {
  nameOf: (_kind, secret) => secret,
  write: (value) => JSON.stringify(value),
  read: (text) => JSON.parse(text),
  isOld: () => false,
}

/**
 * The same, but for some kinds of secrets, which are so short that whoever sees the memory of the process should not find them
 * there. They are named by a hash under a key that this process draws for itself.
 */
export function createMemoryScript(hashedKinds: readonly string[]): Script {
  const key = randomBytes(32)
  return {
    ...plainScript,
    nameOf: (kind, secret) => (hashedKinds.includes(kind) ? hashedName(key, kind, secret) : secret),
  }
}

/** Characters of a name: 128 bits. */
const NAME_CHARACTERS = 22

/** The name of a secret: nobody without the key can tell the one from the other. */
export function hashedName(key: Buffer, kind: string, secret: string): string {
  return createHmac('sha256', key).update(`${kind}/${secret}`).digest('base64url').slice(0, NAME_CHARACTERS)
}

/**
 * Values over texts.
 *
 * @param ready undefined when the store can be asked; else resolves when it can be
 */
export function createStorage(
  texts: Texts,
  script: Script,
  ready: () => Promise<unknown> | undefined = () => undefined,
): Storage {
  /** A secret is not hashed again where the same key is used twice: read, and then written. */
  const namesOfKeys = new WeakMap<Key, Name>()

  return {
    read(keys) {
      return andThen(prepared(), () => {
        const names = keys.map(nameOf)
        return andThen(texts.read(names), (found) =>
          found.map((text, i) => (text === undefined ? undefined : keptIn(text, names[i] as Name))),
        )
      })
    },
    swap: ({ key, was, value, until }) =>
      oncePrepared(() => {
        const name = nameOf(key)
        return texts.swap({
          name,
          was: was && (was.unreadable === 'wrong-type' ? WRONG_TYPE : was.version),
          text: value === undefined ? undefined : script.write(value, name),
          until,
        })
      }),
    enlist: (list, entry, until) => oncePrepared(() => texts.enlist(nameOf(list), entry, until)),
    delist: (list, entries) => oncePrepared(() => texts.delist(nameOf(list), entries)),
    entries: (list, piece) => oncePrepared(() => texts.entries(nameOf(list), piece)),
    async *all(kind) {
      await prepared()
      for await (const found of texts.all(kind)) {
        yield found.map(({ id, text }) => ({ name: id, ...keptIn(text, { kind, id }) }))
      }
    },
    async nameOf(key) {
      await prepared()
      return nameOf(key).id
    },
    async confirm(keys) {
      await prepared()
      return texts.confirm(() => keys.map(nameOf))
    },
    now: () => texts.now(),
    upkeep: () => texts.upkeep(),
  }

  /** At once where the store can be asked: awaiting nothing nine times was 3 % of a call in memory. */
  function oncePrepared<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const preparing = prepared()
    return preparing instanceof Promise ? preparing.then(ask) : ask()
  }

  function prepared(): MaybePromise<unknown> {
    return ready()?.catch((error) => {
      // To whoever asks it is the same: nothing can be read.
      throw error instanceof ForeignStoreError ? new StoreUnavailableError() : error
    })
  }

  function nameOf(key: Key): Name {
    if ('id' in key) return key
    const known = namesOfKeys.get(key)
    if (known) return known
    const name = { kind: key.kind, id: script.nameOf(key.kind, key.secret) }
    namesOfKeys.set(key, name)
    return name
  }

  function keptIn(text: string | typeof WRONG_TYPE, name: Name): Kept {
    if (text === WRONG_TYPE) return { value: undefined, unreadable: 'wrong-type', version: '' }
    try {
      const kept = { value: script.read(text, name), version: text }
      return script.isOld(text) ? { ...kept, isOld: true } : kept
    } catch (error) {
      if (!(error instanceof UnreadableTextError)) throw error
      return { value: undefined, unreadable: error.reason, version: text }
    }
  }
}

import { systemClock } from '../clock.js'
import { entries } from '../config/entries.js'
import type { Config } from '../config/schema.js'
import { type Storage, StoreUnavailableError } from '../masking/storage.js'
import { type About, createAbout, ForeignStoreError, storePrefix } from '../stores/about.js'
import { openFileTexts } from '../stores/file/file-texts.js'
import { StoreFolderError } from '../stores/file/folder-error.js'
import type { ReplyWord } from '../stores/redis/reply-word.js'
import { openSharedStore } from '../stores/redis/shared-store.js'
import { createSealedScript } from '../stores/sealed-script.js'
import { createStorage } from '../stores/storage.js'
import { readStorePlace } from '../stores/store-url.js'
import { createVault } from '../stores/vault.js'
import { type Io, UsageError } from './io.js'

/** The store of the settings, for a command that looks into it itself. */
export interface OpenStore {
  readonly storage: Storage
  /** The form in which it was kept when it was opened. */
  readonly schema: number
}

interface Opened {
  readonly storage: Storage
  readonly about: About
  close(): Promise<void>
}

/** Milliseconds that the store may take to be reached. */
const REACH_LIMIT_MS = 5_000

/** Runs work over the store of the settings. Rejects with a `UsageError` when there is none, or it cannot be used. */
export async function withStore<Result>(
  io: Io,
  config: Config,
  work: (store: OpenStore) => Promise<Result>,
): Promise<Result> {
  const refusal = firstRefusal()
  try {
    const { storage, about, close } = await open(io, config, refusal)
    try {
      const schema = await about.schema()
      if (schema === undefined) throw new UsageError('the store is empty: no instance has used it yet')
      await about.refresh()
      return await work({ storage, schema })
    } finally {
      await close()
    }
  } catch (error) {
    if (error instanceof StoreUnavailableError)
      throw new UsageError(describeOutage(await Promise.race([refusal.come, undefined])))
    if (error instanceof StoreFolderError || error instanceof ForeignStoreError)
      throw new UsageError(error.message)
    throw error
  }
}

interface Refusal {
  readonly come: Promise<ReplyWord>
  readonly note: (word: ReplyWord) => void
}

/** What the store says, should it refuse something. */
function firstRefusal(): Refusal {
  let note!: (word: ReplyWord) => void
  const come = new Promise<ReplyWord>((resolve) => {
    note = resolve
  })
  return { come, note }
}

function describeOutage(refusal: ReplyWord | undefined): string {
  const what = refusal
    ? `the store refuses what it is asked (${refusal})`
    : 'the store does not answer, or not any more'
  return `${what}: \`callmask doctor\` says more`
}

async function open(
  io: Io,
  { STORE_URL, STORE_KEY, STORE_PREFIX }: Config,
  refusal: Refusal,
): Promise<Opened> {
  const place = readStorePlace(STORE_URL)
  const keys = entries(STORE_KEY) as [string, ...string[]]
  if (place?.kind === 'file') return openFile(io, place.folder, keys)
  if (place?.kind !== 'redis') throw new UsageError('there is no store to look into: STORE_URL is not set')

  const { reached, storage, about, close } = openSharedStore({
    url: String(STORE_URL),
    keys,
    prefix: storePrefix(STORE_PREFIX),
    clock: systemClock,
    onChange: () => undefined,
    onRefusal: refusal.note,
  })
  const isReached = Promise.race([reached.then(() => true), refusal.come.then(() => false)])
  if (!(await within(io, isReached))) {
    close()
    throw new StoreUnavailableError()
  }
  return { storage, about, close: async () => close() }
}

async function openFile(io: Io, folder: string, keys: readonly [string, ...string[]]): Promise<Opened> {
  const texts = await openFileTexts({ folder, now: io.now, after: systemClock.after })
  const vault = createVault(keys)
  const about = createAbout(texts, vault)
  const script = createSealedScript({ vault, namingSecret: about.namingSecret })
  return { storage: createStorage(texts, script, about.known), about, close: () => texts.close() }
}

/** What is found out in time, or else no. */
function within({ later }: Io, finding: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = later(REACH_LIMIT_MS, () => resolve(false))
    finding.then((found) => {
      cancel()
      resolve(found)
    })
  })
}

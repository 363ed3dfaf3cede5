import fp from 'fastify-plugin'
import { entries } from '../src/config/entries.js'
import type { Storage } from '../src/masking/storage.js'
import { createAbout, ForeignStoreError } from '../src/stores/about.js'
import { createRotatingVault } from '../src/stores/rotating-vault.js'
import { createSealedScript } from '../src/stores/sealed-script.js'
import { createStorage } from '../src/stores/storage.js'
import { readStorePlace } from '../src/stores/store-url.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** The store in a folder of this machine; undefined when everything is kept elsewhere. */
    readonly fileStore: FileStore | undefined
  }
}

export interface FileStore {
  readonly storage: Storage
  /** Whether it takes writes. */
  readonly isUp: boolean
}

/** How often the store's note about itself is looked at, in milliseconds. */
export const NOTE_INTERVAL_MS = 10_000

/**
 * Decorates `app.fileStore`. The app does not start with a `StoreFolderError` when the folder cannot be used, and with a
 * `ForeignStoreError` when this instance cannot read what is in it.
 */
export default fp(
  async (app) => {
    const { config, clock, log } = app
    const place = readStorePlace(config.STORE_URL)
    if (place?.kind !== 'file') {
      app.decorate('fileStore', undefined)
      return
    }
    let isUp = true
    // Loaded here, because it costs all others 60 ms and 12 MB.
    const { openFileTexts } = await import('../src/stores/file/file-texts.js')
    const texts = await openFileTexts({
      folder: place.folder,
      now: clock.now,
      after: clock.after,
      onChange(up, why) {
        isUp = up
        if (up) log.info({ store: 'file' }, 'the store takes writes again')
        else
          log.error({ store: 'file', why }, 'the store takes no writes: nothing is opened, changed or closed')
      },
    })
    app.addHook('onClose', () => texts.close())
    if (texts.behindMs > 0)
      log.warn(
        { behindMs: texts.behindMs },
        'the clock of this machine went back: sessions last as if it had not',
      )

    const keys = () => entries(config.STORE_KEY) as [string, ...string[]]
    const vault = createRotatingVault(keys())
    const about = createAbout(texts, vault)
    await about.refresh()
    app.secrets.onChange((changed) => {
      if (changed.includes('STORE_KEY')) vault.useKeys(keys())
    })
    const stop = clock.every(NOTE_INTERVAL_MS, () =>
      about.refresh().catch((err) => {
        if (err instanceof ForeignStoreError) log.fatal(err.message)
      }),
    )
    app.addHook('onClose', async () => stop())

    const script = createSealedScript({ vault, namingSecret: about.namingSecret })
    app.decorate('fileStore', {
      storage: createStorage(texts, script),
      get isUp() {
        return isUp
      },
    })
    log.info({ store: 'file' }, 'sessions are kept in a folder of this machine: run one instance')
  },
  { name: 'file-store', dependencies: ['config', 'clock', 'secrets'] },
)

import type { Storage } from '../src/masking/storage.js'
import { rulesOver, type SessionStore, type StoreOptions } from './store-under-test.js'

/**
 * Stands between the rules and a storage: runs each operation, or fails in its place. It is told what is done to what kind of
 * thing: `swap session`.
 */
export type Spy = (operation: string, run: () => Promise<unknown>) => Promise<unknown>

/** A storage whose operations go through a spy. */
export function spiedOn(storage: Storage, spy: Spy): Storage {
  return new Proxy(storage, {
    get(target, name) {
      const value = Reflect.get(target, name)
      if (typeof value !== 'function' || name === 'now' || name === 'all') return value
      return (...args: unknown[]) =>
        spy(`${String(name)} ${kindOf(args[0])}`, () => value.apply(target, args))
    },
  })
}

function kindOf(asked: unknown): string {
  const [first] = [asked].flat() as { readonly kind?: string; readonly key?: { readonly kind: string } }[]
  return first?.key?.kind ?? first?.kind ?? ''
}

/** The same store, with a spy on all that it asks. */
export function storeThrough(storage: Storage, options: StoreOptions, spy: Spy): SessionStore {
  return rulesOver(spiedOn(storage, spy), options)
}

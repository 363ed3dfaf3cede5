import { randomBytes } from 'node:crypto'
import type { Scope } from '../access/scopes.js'
import type { Kept, Key, Storage } from '../masking/storage.js'

/** Who has signed in to the console, over any storage. All promises reject with a `StoreUnavailableError` when it fails. */
export interface SignIns {
  /** Returns the text of the cookie, which nothing can show again. */
  begin(who: Who): Promise<string>
  /** Whose cookie it is; undefined where it is none, or over. Being looked for keeps it from ending for want of use. */
  find(cookie: string): Promise<SignIn | undefined>
  /** The same, without being use of it: for what a page does by itself. */
  peek(cookie: string): Promise<SignIn | undefined>
  end(cookie: string): Promise<void>
  /** Ends all that one person or key has begun so far. */
  endAllOf(name: string): Promise<void>
}

/** How somebody showed who they are. */
export type Who =
  /** By a key, which has to hold still: its mark, as the keyring knows it. */
  | { readonly by: 'key'; readonly name: string; readonly mark: string }
  /** By a provider of identities, which said what they may do. */
  | { readonly by: 'provider'; readonly name: string; readonly scopes: readonly Scope[] }

export interface SignIn {
  readonly who: Who
  /** Stands in every form, so that no other site can send one. */
  readonly formToken: string
  /** Milliseconds since 1970. */
  readonly since: number
  readonly seen: number
}

export interface SignInsOptions {
  readonly storage: Storage
  /** Milliseconds without use after which it is over. */
  readonly idleMs: number
  /** Milliseconds after which it is over in any case. */
  readonly longestMs: number
}

const SECRET_BYTES = 32
/** How often use is noted, in milliseconds: so much earlier may an idle one end. */
export const NOTED_EVERY_MS = 30_000

export function createSignIns({ storage, idleMs, longestMs }: SignInsOptions): SignIns {
  return {
    async begin(who) {
      const now = storage.now()
      const cookie = randomText()
      const value: SignIn = { who, formToken: randomText(), since: now, seen: now }
      await storage.swap({ key: signInKey(cookie), was: undefined, value, until: endOf(value) })
      return cookie
    },

    async find(cookie) {
      const { was, signIn } = await look(cookie)
      if (!signIn || signIn.seen + NOTED_EVERY_MS > storage.now()) return signIn
      const key = signInKey(cookie)
      const seen = { ...signIn, seen: storage.now() }
      // Where another request was faster, that one has noted it.
      await storage.swap({ key, was, value: seen, until: endOf(seen) })
      return seen
    },

    async peek(cookie) {
      const { signIn } = await look(cookie)
      return signIn
    },

    async end(cookie) {
      const key = signInKey(cookie)
      const [was] = await storage.read([key])
      if (was && !(await storage.swap({ key, was, value: undefined, until: 0 }))) await this.end(cookie)
    },

    async endAllOf(name) {
      const key = endedKey(name)
      const [was] = await storage.read([key])
      const value = storage.now()
      // Where it was changed meanwhile, somebody else has ended them all.
      await storage.swap({ key, was, value, until: value + longestMs })
    },
  }

  /** What is kept under a cookie, and whose it is, if it still holds. */
  async function look(
    cookie: string,
  ): Promise<{ readonly was?: Kept | undefined; readonly signIn?: SignIn }> {
    const [was] = await storage.read([signInKey(cookie)])
    const signIn = signInIn(was)
    if (!signIn || endOf(signIn) <= storage.now()) return {}
    const [ended] = await storage.read([endedKey(signIn.who.name)])
    return signIn.since <= ((ended?.value as number | undefined) ?? 0) ? {} : { was, signIn }
  }

  function endOf({ since, seen }: SignIn): number {
    return Math.min(seen + idleMs, since + longestMs)
  }
}

function randomText(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

function signInIn(kept: Kept | undefined): SignIn | undefined {
  return kept?.unreadable ? undefined : (kept?.value as SignIn | undefined)
}

function signInKey(cookie: string): Key {
  return { kind: 'sign-in', secret: cookie }
}

/** When all sign-ins of one name were ended. */
function endedKey(name: string): Key {
  return { kind: 'sign-ins-ended', id: name }
}

import { randomBytes } from 'node:crypto'
import type { Asker } from './api-key.js'

/** Lets requests of this very process in, in the name of somebody who has shown already who they are. */
export interface Tickets {
  /** An Authorization header for one request. */
  issue(key: Asker): string
  /** Whose ticket an Authorization header is; undefined where it is none. */
  holder(authorization: string | undefined): Asker | undefined
  /** To be called when the request is over. */
  end(authorization: string): void
}

const SECRET_BYTES = 32

export function createTickets(): Tickets {
  const holders = new Map<string, Asker>()
  return {
    issue(key) {
      const authorization = `Bearer ticket_${randomBytes(SECRET_BYTES).toString('base64url')}`
      holders.set(authorization, key)
      return authorization
    },
    holder: (authorization = '') => holders.get(authorization),
    end(authorization) {
      holders.delete(authorization)
    },
  }
}

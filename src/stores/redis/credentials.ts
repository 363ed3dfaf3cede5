import { Redis } from 'ioredis'
import type { StoreAddress } from './address.js'
import type { Client } from './client.js'

/**
 * Lets a client use the user and the password of another address when it connects the next time. Says no where more than
 * these differs. A cluster learns its servers as it goes, and hands them what it was made with.
 */
export function takeCredentials(client: Client, address: StoreAddress, next: StoreAddress): boolean {
  if (!(client instanceof Redis) || placeOf(address) !== placeOf(next)) return false
  const { username, password } = next
  Object.assign(client.options, { username, password })
  return true
}

function placeOf({ username: _username, password: _password, ...place }: StoreAddress): string {
  return JSON.stringify(place)
}

import type { Config } from './schema.js'

const THIS_MACHINE = '127.0.0.1'
const EVERY_ADDRESS = '0.0.0.0'

/** The host to listen on for calls. Outside production unsigned calls may be let in, so then only this machine can call. */
export function listenHost({ HOST, NODE_ENV }: Pick<Config, 'HOST' | 'NODE_ENV'>): string {
  return HOST ?? (NODE_ENV === 'production' ? EVERY_ADDRESS : THIS_MACHINE)
}

/** The host to listen on for the business. Who wants it to be reached from elsewhere has to say so. */
export function adminHost({ ADMIN_HOST }: Pick<Config, 'ADMIN_HOST'>): string {
  return ADMIN_HOST ?? THIS_MACHINE
}

/** The service as it is measured: on a port of its own, unsigned calls let in, and with a pool of twenty numbers. */
export const SERVICE = { HOST: '127.0.0.1', PORT: '0', DRAIN_DELAY: '0', WEBHOOK_AUTH: 'optional' }

const POOL_SIZE = 20
export const POOL = Array.from({ length: POOL_SIZE }, (_, i) => 919_000_000_101 + i).join(',')

import { EnvironmentFileError } from './config/environment.js'
import { ConfigError } from './config/validation.js'
import { describeError } from './describe-error.js'
import { AdminListenError } from './listen.js'
import { ForeignStoreError } from './stores/about.js'
import { StoreFolderError } from './stores/file/folder-error.js'

/** Errors whose message says what is wrong and what to do. */
const SAID_PLAINLY = [ConfigError, EnvironmentFileError, ForeignStoreError, StoreFolderError]

/** Why the service cannot start and what to do, a line for each reason. */
export function startFailure(error: unknown): string {
  if (SAID_PLAINLY.some((kind) => error instanceof kind)) return (error as Error).message
  if (error instanceof AdminListenError)
    return listenFailure(error.cause as ListenError, 'ADMIN_') ?? bug(error)
  return listenFailure(error as ListenError, '') ?? bug(error)
}

/** The parts that we read of what `listen` rejects with. */
interface ListenError {
  readonly code?: string
  readonly port?: number
  /** Of an address that was tried. */
  readonly address?: string
  /** Of a name that was looked up. */
  readonly hostname?: string
}

const ANY_HOST =
  '127.0.0.1 (this machine alone), to 0.0.0.0 (every address), or to an address of this machine'

/** @param prefix of the variables that say where to listen */
function listenFailure(
  { code, port, address, hostname }: ListenError,
  prefix: '' | 'ADMIN_',
): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${address} is taken (address already in use): end what listens there, or set ${prefix}PORT to another port.`
    case 'EACCES':
      return `This user may not listen on port ${port} of ${address}: set ${prefix}PORT to 1024 or more.`
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return `${address} is not an address of this machine: set ${prefix}HOST to ${ANY_HOST}.`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host name ${hostname} is not known here (${code}): set ${prefix}HOST to ${ANY_HOST}.`
  }
  return undefined
}

function bug(error: unknown): string {
  const { type, stack = '' } = describeError(error)
  return `This is a bug in callmask, please report it: ${type}\n${stack}`
}

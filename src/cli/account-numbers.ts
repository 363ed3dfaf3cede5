import { openAccount } from '../checkup/settings.js'
import { ConfigSchema } from '../config/schema.js'
import { type AccountNumbers, readAccountNumbers } from '../vobiz/account-numbers.js'
import { type Io, waitFor } from './io.js'

/** Reads the numbers of the account of the environment. */
export async function readNumbers(io: Io): Promise<AccountNumbers> {
  const account = openAccount(io)
  const ourName = io.environment.VOBIZ_APP_NAME || ConfigSchema.properties.VOBIZ_APP_NAME.default
  return waitFor(io, 'reading the account', readAccountNumbers(account, ourName))
}

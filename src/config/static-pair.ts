import { type PhoneNumber, parsePhoneNumber } from '../masking/phone-number.js'
import type { Session } from '../masking/session.js'
import type { Config } from './schema.js'

/** The static pair of a validated configuration: a session that never expires. */
export function staticPair(
  config: Pick<Config, 'M1' | 'M2' | 'FE' | 'CUSTOMER' | 'DEFAULT_COUNTRY'>,
): Session {
  const register = (name: 'M1' | 'M2' | 'FE' | 'CUSTOMER'): PhoneNumber => {
    const number = parsePhoneNumber(config[name], config.DEFAULT_COUNTRY)
    if (!number) throw new TypeError(`${name} is not a phone number`)
    return number
  }
  return {
    participants: [
      { number: register('FE'), maskingNumber: register('M1') },
      { number: register('CUSTOMER'), maskingNumber: register('M2') },
    ],
  }
}

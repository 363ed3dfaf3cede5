import type { PhoneNumber } from './phone-number.js'
import type { Leg } from './session.js'
import type { Spelling } from './spelling.js'

/** What the resolver asks: which numbers are ours, and who may reach whom through them. */
export interface MappingStore {
  /** The masking number that a spelling means, if it is one of ours. */
  findMaskingNumber(dialled: Spelling): PhoneNumber | undefined
  /** The open leg of a caller on a masking number. A national spelling is read in the masking number's country. */
  findLeg(dialled: PhoneNumber, caller: Spelling): Promise<Leg | undefined>
}

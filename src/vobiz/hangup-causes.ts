/** Why the platform says that a call ended, by its code (its page on hangup causes), in words for a support desk. */
const CAUSES = new Map<string, string>(
  Object.entries({
    '1000': 'the caller hung up before anybody answered',
    '1010': 'the balance of the account is used up',
    '1020': 'too many calls to this phone at the same time',
    '2000': 'the number to be called is not a valid one',
    '2010': 'the phone is out of service',
    '2020': 'the phone is not registered',
    '2030': 'the account may not call this country',
    '2040': 'the account may not call this number',
    '2050': 'the account may not call numbers of this kind',
    '2060': 'the call would have led back to itself',
    '2070': 'calls between India and abroad are not allowed on this number',
    '3000': 'nobody answered',
    '3010': 'the line was busy',
    '3020': 'the call was declined',
    '3030': 'the masking number shown is not rented from the platform',
    '3040': 'the carrier does not allow the call',
    '3050': 'nobody has this number',
    '3070': 'the carrier did not answer in time',
    '3080': 'the carrier failed',
    '3090': 'the carrier has no free lines',
    '3100': 'the line was busy',
    '3110': 'the call was declined',
    '3120': 'nobody has this number',
    '3130': 'the carrier takes the masking number for spam',
    '3140': 'the masking number may only be called',
    '4000': 'one of the two hung up',
    '4010': 'the instructions for the call were at their end',
    '5000': 'the network failed',
    '5010': 'the platform failed',
    '5020': 'the platform found no way to the phone',
    '5030': 'the account has too many calls at the same time',
    '6000': 'the time limit was reached',
    '6010': 'nobody answered in time',
    '6020': 'nothing was heard for a minute',
    '7011': 'the platform could not reach this service',
    '7012': 'the platform could not reach this service after the call',
    '7022': 'the platform cannot use the URL that this service gave for after the call',
    '7032': 'the platform cannot use the method that this service gave for after the call',
    '8011': 'the platform did not understand the document of this service',
    '8012': 'the platform did not understand the document of this service after the call',
    '9000': 'another phone answered first',
    '9100': 'a machine answered',
    '9110': 'the called one did not press the key that was asked for',
  }),
)

/** What a code means; undefined for one that the platform does not explain. */
export function causeInWords(code: string | undefined): string | undefined {
  return code === undefined ? undefined : CAUSES.get(code)
}

/** Kinds of trouble that keep calls from people and that the business can do something about, with the codes that tell of them. */
export const TROUBLES = {
  out_of_credit: ['1010'],
  caller_id: ['3030', '3130', '3140'],
  concurrency: ['5030'],
  not_allowed: ['2030', '2040', '2050', '2070', '3040'],
  carrier: ['3070', '3080', '3090', '5000', '5010', '5020'],
  service: ['7011', '7012', '7022', '7032', '8011', '8012'],
} as const
export type Trouble = keyof typeof TROUBLES

const TROUBLE_OF = new Map<string, Trouble>(
  Object.entries(TROUBLES).flatMap(([trouble, codes]) => codes.map((code) => [code, trouble as Trouble])),
)

/** The trouble that a code tells of; undefined where a call ended as calls do. */
export function troubleOf(code: string | undefined): Trouble | undefined {
  return code === undefined ? undefined : TROUBLE_OF.get(code)
}

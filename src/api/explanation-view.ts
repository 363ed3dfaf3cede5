import type { Explanation } from '../masking/explain.js'
import { nameOf } from './explanation-schemas.js'

/** An explanation as the API shows it. */
export function explanationView(explained: Explanation) {
  const { outcome, rule, explanation, maskingNumber, sessionId, dialInstead } = explained
  return {
    outcome,
    rule: nameOf(rule),
    explanation,
    ...(maskingNumber && { masking_number: `+${maskingNumber}` }),
    ...(sessionId && { session_id: sessionId }),
    dial_instead: dialInstead.map((number) => `+${number}`),
  }
}

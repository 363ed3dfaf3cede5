export const MAX_ASKER_NAME = 80
/** More could be a phone number. */
const MAX_DIGITS = 6

/** For what the trail is asked for: whatever it is, it is no phone number. */
export const ASKER_NAME_PATTERN = `^(?!(\\D*\\d){${MAX_DIGITS + 1}})\\S+$`

/** Whether this may be the name of a key, or of a person who has signed in. It stands in the audit trail. */
export function isAskerName(text: string): boolean {
  // Digits of any script count: a phone number can be written in each.
  const digits = text.match(/\p{N}/gu) ?? []
  return (
    /^[\p{L}\p{M}\p{N}@._+:-]+$/u.test(text) && text.length <= MAX_ASKER_NAME && digits.length <= MAX_DIGITS
  )
}

import type { Static } from '@sinclair/typebox'
import { Type } from '../typebox.js'

/**
 * The fields of a webhook that we read. All come as strings, many more are sent with them.
 * A field that is sent twice arrives as an array and is refused by this schema.
 */
export const WebhookSchema = Type.Object({
  Event: Type.Optional(Type.String()),
  CallUUID: Type.Optional(Type.String()),
  From: Type.Optional(Type.String()),
  To: Type.Optional(Type.String()),
})

export type Webhook = Static<typeof WebhookSchema>

/** A new call asks what to do with `Event=StartApp`; every other event only reports something. */
export function asksForInstructions({ Event }: Webhook): boolean {
  return !Event || Event === 'StartApp'
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i

/** The call's id for the log, if it is the UUID that the platform sends: any other text might hold a number. */
export function loggableCallId({ CallUUID }: Webhook): string | undefined {
  return CallUUID && UUID.test(CallUUID) ? CallUUID : undefined
}

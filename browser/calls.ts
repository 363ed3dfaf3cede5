import { randomUUID } from 'node:crypto'
import { playWebhook, readDocument } from '../src/checkup/carrier.js'
import { type AnsweredCall, playStory } from '../src/cli/call-story.js'
import { processIo } from '../src/cli/process-io.js'
import type { Story } from '../src/cli/stories.js'

/** What the carrier and the service know of each other, as `test/vobiz-stand-in.ts` has it. */
export const CARRIER = {
  WEBHOOK_AUTH: 'required',
  VOBIZ_AUTH_ID: 'MA_TEST1234',
  VOBIZ_AUTH_TOKEN: 'stand-in-token',
  // Where nobody is: what the service asks there fails at once.
  PUBLIC_BASE_URL: 'https://127.0.0.1:1',
} as const

const io = processIo(process)

export interface Call {
  readonly id: string
  /** Whether somebody is called. */
  readonly connects: boolean
  /** Tells how it goes on, to its end. */
  goesOn(story: Story): Promise<void>
}

/** Somebody dials a masking number: the carrier asks, signed, what becomes of it. @param dialled with or without a `+` */
export async function dial(service: string, from: string, dialled: string): Promise<Call> {
  const [id, to] = [randomUUID(), dialled.replace(/^\+?91/, '0')]
  const [url, signedUrl] = [`${service}/answer`, `${CARRIER.PUBLIC_BASE_URL}/answer`]
  const reply = await playWebhook(io, {
    url,
    signedUrl,
    token: CARRIER.VOBIZ_AUTH_TOKEN,
    fields: { Event: 'StartApp', CallUUID: id, From: from, To: to },
  })
  const read = readDocument(reply)
  if (reply.status !== 200 || !read) throw new Error(`a call was answered with ${reply.status}`)
  const { urls, destination } = read
  const call: AnsweredCall = {
    callId: id,
    from,
    to,
    url,
    signedUrl,
    token: CARRIER.VOBIZ_AUTH_TOKEN,
    urls,
    instance: undefined,
  }
  return {
    id,
    connects: destination !== undefined,
    async goesOn(story) {
      for (const { told, status } of await playStory(io, call, story))
        if (status !== 200) throw new Error(`${told} was answered with ${status}`)
    },
  }
}

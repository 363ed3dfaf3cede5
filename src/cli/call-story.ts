import { randomUUID } from 'node:crypto'
import type { CallView } from '../api/call-schemas.js'
import { callApi } from '../checkup/call-api.js'
import { type DocumentUrls, type PlayedReply, playWebhook, readDocument } from '../checkup/carrier.js'
import { callLines } from './calls.js'
import { type Io, say } from './io.js'
import { labelled } from './layout.js'
import { type Story, type StoryStep, stepsUntilTalk, storySteps } from './stories.js'

/** A call that an instance has answered. */
export interface AnsweredCall {
  readonly callId: string
  readonly from: string
  readonly to: string
  /** Where the instance is asked here, and as the carrier knows it. */
  readonly url: string
  readonly signedUrl: string
  readonly token: string | undefined
  readonly urls: DocumentUrls
  /** The instance, for its API. */
  readonly instance: string | undefined
}

/** What the instance said to one more event. */
export interface StoryReply {
  readonly told: string
  /** Who hears the words. */
  readonly hearer: 'caller' | 'called'
  readonly status: number
  readonly words?: string | undefined
}

/** Tells an instance how a call went on, as the carrier does. What its document did not ask to be told is left out. */
export function playStory(io: Io, call: AnsweredCall, story: Story): Promise<StoryReply[]> {
  return playSteps(io, call, storySteps(story, newIds()))
}

/** The same until the two talk: the call goes on. */
export function playUntilTalk(io: Io, call: AnsweredCall): Promise<StoryReply[]> {
  return playSteps(io, call, stepsUntilTalk(newIds()))
}

function newIds() {
  return { leg: randomUUID(), recording: randomUUID() }
}

async function playSteps(io: Io, call: AnsweredCall, steps: readonly StoryStep[]): Promise<StoryReply[]> {
  const replies: StoryReply[] = []
  for (const { to, fields } of steps) {
    const signedUrl = to === 'answer' ? call.signedUrl : call.urls[to]
    if (signedUrl === undefined) continue
    const reply = await ask(io, call, signedUrl, fields)
    const words = readDocument(reply)?.words
    replies.push({
      told: `${fields.Event ?? to}`,
      hearer: to === 'whisper' ? 'called' : 'caller',
      status: reply.status,
      words,
    })
  }
  return replies
}

/** How the path of the first question ends, below which all others are. */
const ANSWER = '/answer'

/** Asks at a URL that the instance gave, wherever the instance is reached here. */
export function ask(
  io: Io,
  { callId, from, to, url, token }: Omit<AnsweredCall, 'urls'>,
  signedUrl: string,
  fields: Readonly<Record<string, string>>,
): Promise<PlayedReply> {
  return playWebhook(io, {
    url: url + signedUrl.slice(signedUrl.lastIndexOf(ANSWER) + ANSWER.length),
    fields: { CallUUID: callId, From: from, To: to, ...fields },
    token,
    signedUrl,
  })
}

/** Says what was told, and what the instance now knows of the call, where there is a key to ask for that. */
export async function tellStory(io: Io, call: AnsweredCall, replies: readonly StoryReply[]): Promise<void> {
  say(io, '')
  for (const { told, status, words } of replies)
    say(io, `${told}: ${status}${words ? `, heard: ${words}` : ''}`)
  const record = await recordOf(io, call)
  say(
    io,
    '',
    ...(record ? callLines(record) : labelled({ record: 'set API_KEYS to a key of the service to see it' })),
  )
}

/** The record of a call; undefined where it cannot be asked for. */
export async function recordOf(io: Io, { callId, instance }: AnsweredCall): Promise<CallView | undefined> {
  if (!io.environment.API_KEYS) return undefined
  const { status, body } = await callApi(io, { url: instance, method: 'GET', path: `/calls/${callId}` })
  return status === 200 ? (body as CallView) : undefined
}

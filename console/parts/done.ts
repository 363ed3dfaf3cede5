import { textOf } from '../forms.js'
import { type Html, html } from '../html.js'
import type { Texts } from '../texts/texts.js'
import { doneNotice } from './problem.js'

/** What a redirect after a change asks the next page to say. */
export interface Done {
  readonly done?: string | undefined
  /** `no`: only one server of the store has it yet. */
  readonly durable?: 'no' | undefined
}

/** @param durable whether the change outlives the loss of a server of the store; undefined where that is not told */
export function doneQuery(done: string, durable?: boolean) {
  return { done, ...(durable === false && { durable: 'no' }) } as const
}

/** What was just done, in words. @param words by what a redirect calls it */
export function doneIn(query: unknown, words: Readonly<Record<string, string>>): Done {
  const done = textOf(query, 'done')
  if (!Object.hasOwn(words, done)) return {}
  return { done: words[done], ...(textOf(query, 'durable') === 'no' && { durable: 'no' }) }
}

export function doneNotices({ done, durable }: Done, { frame }: Texts): Html {
  return html`${doneNotice(done)}${durable && html`<p class="notice warn">${frame.durableNot}</p>`}`
}

import type { ProblemView } from '../api.js'
import { type Html, html } from '../html.js'
import type { Texts } from '../texts/texts.js'

/** What went wrong, in the words of the reader's language where there are some, else in those of the API. */
export function problemWords({ code, title, detail }: ProblemView, { problems }: Texts) {
  const known: { readonly [code: string]: { readonly title: string; readonly detail: string } } = problems
  return known[code] ?? { title, detail }
}

/** What went wrong with a form, to be shown before it. */
export function problemNotice(problem: ProblemView | undefined, texts: Texts): Html {
  if (!problem) return html``
  const { title, detail } = problemWords(problem, texts)
  return html`<div role="alert" class="notice bad"><strong>${title}</strong> ${detail}${problemFields(problem)}</div>`
}

/** Which fields were wrong, as the API names them. */
export function problemFields({ errors = [] }: ProblemView): Html {
  if (errors.length === 0) return html``
  return html`<ul>${errors.map(({ field, message }) => html`<li><code>${field}</code> ${message}</li>`)}</ul>`
}

/** Says that something was done. */
export function doneNotice(words: string | undefined): Html {
  return words === undefined ? html`` : html`<p role="status" class="notice good">${words}</p>`
}

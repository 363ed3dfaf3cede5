import type { ProblemView } from '../api.js'
import { CONSOLE } from '../hooks/staff.js'
import { html } from '../html.js'
import type { Page } from '../parts/layout.js'
import { problemFields, problemWords } from '../parts/problem.js'
import type { Texts } from '../texts/texts.js'

export function problemPage(problem: ProblemView, texts: Texts): Page {
  const { title, detail } = problemWords(problem, texts)
  return {
    title,
    main: html`<p role="alert">${detail}</p>
${problemFields(problem)}
<p><a href="${CONSOLE}">${texts.frame.toOverview}</a></p>`,
  }
}

export function notFoundPage({ frame }: Texts): Page {
  return {
    title: frame.notFound,
    main: html`<p>${frame.notFoundHelp}</p><p><a href="${CONSOLE}">${frame.toOverview}</a></p>`,
  }
}

/** The form did not come from a page of ours, or that page is older than the sign-in. */
export function expiredFormPage({ frame }: Texts): Page {
  return {
    title: frame.expiredForm,
    main: html`<p role="alert">${frame.expiredFormHelp}</p><p><a href="${CONSOLE}">${frame.toOverview}</a></p>`,
  }
}

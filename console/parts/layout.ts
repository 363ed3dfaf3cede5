import type { NeededScope } from '../../src/access/scopes.js'
import { CONSOLE, type Staff } from '../hooks/staff.js'
import { type Html, html } from '../html.js'
import { LANGUAGES, type Language, type Texts } from '../texts/texts.js'
import { withQuery } from '../urls.js'
import { postForm } from './form.js'

/** What a page is, besides its frame. */
export interface Page {
  readonly title: string
  readonly main: Html
  /** Where the browser goes from here by itself. */
  readonly refresh?: string
  /** `charts`: it draws some. */
  readonly needs?: 'charts'
}

/** What the frame of a page shows. */
export interface Frame {
  readonly language: Language
  readonly texts: Texts
  /** Undefined where nobody has signed in. */
  readonly staff: Staff | undefined
  /** Of the page. */
  readonly path: string
  /** Where another language leads to; empty: to the first page. */
  readonly back: string
  /** The URL of a file that belongs to the console. */
  readonly asset: (name: string) => string
}

/** The pages of the console: where each is, and what a key needs to see it. */
const PAGES = [
  ['overview', CONSOLE, 'any'],
  ['sessions', `${CONSOLE}/sessions`, 'sessions:read'],
  ['calls', `${CONSOLE}/calls`, 'calls:read'],
  ['numbers', `${CONSOLE}/numbers`, 'sessions:read'],
  ['simulator', `${CONSOLE}/simulator`, 'explain'],
  ['events', `${CONSOLE}/events`, 'events:read'],
  ['webhooks', `${CONSOLE}/webhooks`, 'webhooks:read'],
  ['keys', `${CONSOLE}/keys`, 'admin'],
  ['audit', `${CONSOLE}/audit`, 'admin'],
  ['checkup', `${CONSOLE}/checkup`, 'admin'],
] as const satisfies readonly (readonly [keyof Texts['nav'], string, NeededScope])[]

/** Nothing that comes with a page is run but its own scripts, and no page is kept in the browser's storage. */
const HTMX = JSON.stringify({
  allowEval: false,
  allowScriptTags: false,
  historyCacheSize: 0,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
})

/** A whole document. */
export function layout(frame: Frame, { title, main, refresh, needs }: Page): Html {
  const { language, texts, staff, asset } = frame
  return html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="htmx-config" content="${HTMX}">
${refresh !== undefined && html`<meta http-equiv="refresh" content="0;url=${refresh}">`}
<title>${title} · callmask</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${asset('pico.css')}">
${needs === 'charts' && html`<link rel="stylesheet" href="${asset('uplot.css')}">`}
<link rel="stylesheet" href="${asset('console.css')}">
${staff && html`<script src="${asset('htmx.js')}" defer></script>`}
${needs === 'charts' && html`<script src="${asset('uplot.js')}" defer></script>`}
<script src="${asset('console.js')}" defer></script>
</head>
<body${staff && html` data-live-url="${CONSOLE}/live"`}>
<a class="skip" href="#main">${texts.frame.skip}</a>
<header>
<a class="brand" href="${CONSOLE}">callmask</a>
${staff && navigation(frame, staff)}
</header>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${main}
</main>
<footer>
<p>${texts.frame.times} <span id="time-zone">UTC</span></p>
${languages(frame)}
${staff && signOut(staff, texts)}
</footer>
</body>
</html>
`
}

function navigation({ texts, path }: Frame, staff: Staff): Html {
  const seen = PAGES.filter(([, , scope]) => staff.can(scope))
  return html`<nav aria-label="${texts.frame.pages}"><ul>${seen.map(
    ([name, url]) =>
      html`<li><a href="${url}"${isAt(path, url) && html` aria-current="page"`}>${texts.nav[name]}</a></li>`,
  )}</ul></nav>`
}

/** Whether a page is this one or below it. All are below the first one. */
function isAt(path: string, url: string): boolean {
  return path === url || (url !== CONSOLE && path.startsWith(`${url}/`))
}

function languages({ language, back }: Frame): Html {
  return html`<p>${Object.entries(LANGUAGES).map(([code, { own }]) =>
    code === language
      ? html`<span lang="${code}">${own}</span> `
      : html`<a lang="${code}" hreflang="${code}" href="${withQuery(`${CONSOLE}/language`, { code, to: back })}">${own}</a> `,
  )}</p>`
}

function signOut({ name, formToken }: Staff, { frame }: Texts): Html {
  const button = html`<button type="submit" class="secondary small">${frame.signOut}</button>`
  return html`<div class="who"><span>${frame.signedInAs} <strong>${name}</strong></span> ${postForm(`${CONSOLE}/sign-out`, formToken, button)}</div>`
}

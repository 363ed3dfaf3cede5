import { type Child, type Html, html } from '../html.js'

export interface Table {
  /** Says what stands in it, to those who cannot see it. */
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly Child[])[]
  /** What is shown where there are no rows: what to do first. */
  readonly empty: Child
}

/** A table that can be scrolled sideways where it is too wide. Each first cell names its row. */
export function table({ caption, head, rows, empty }: Table): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption class="unseen">${caption}</caption>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([
      first,
      ...cells
    ]) => html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
  )}</tbody>
</table></div>`
}

/** Names with what belongs to each. What is missing is left out. */
export function facts(rows: readonly (readonly [name: string, value: Child])[]): Html {
  const known = rows.filter(([, value]) => value !== undefined && value !== null && value !== '')
  return html`<dl>${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** Leads to the next page of a list. */
export function nextPage(url: string, text: string): Html {
  return html`<p><a role="button" class="secondary" href="${url}">${text}</a></p>`
}

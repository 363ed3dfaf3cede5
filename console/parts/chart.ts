import { type Html, html } from '../html.js'

export interface Series {
  readonly label: string
  readonly tone: 'good' | 'calm' | 'warn' | 'bad' | 'accent'
  readonly values: readonly (number | null)[]
}

export interface Chart {
  readonly title: string
  /** ISO 8601, in the order of time. */
  readonly times: readonly string[]
  /** Of bars, the first stands at the bottom. */
  readonly series: readonly Series[]
  readonly kind: 'bars' | 'lines'
}

/** A chart, which the script of the page draws. The same figures have to stand in a table beside it. */
export function chart({ title, times, series, kind }: Chart): Html {
  const data = { times: times.map((time) => Date.parse(time) / 1_000), series, kind }
  return html`<div class="chart" role="img" aria-label="${title}" data-chart="${JSON.stringify(data)}"></div>`
}

import { type Html, html } from '../html.js'

/** A moment. The page's script shows it in the time zone of whoever reads; without it, it stands there in UTC. */
export function moment(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`
}

/** A masking number, or what else is to be copied, with a button for that where there are scripts. */
export function toCopy(text: string, copy: string): Html {
  return html`<span class="copy"><code>${text}</code><button type="button" class="secondary small" data-copy="${text}" hidden>${copy}</button></span>`
}

/** How something stands, in a word. The word says it; the colour only helps. */
export function badge(text: string, tone: Tone): Html {
  return html`<span class="badge ${tone}">${text}</span>`
}

export type Tone = 'good' | 'bad' | 'warn' | 'calm'

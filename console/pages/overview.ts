import { html } from '../html.js'
import type { Page } from '../parts/layout.js'
import type { Texts } from '../texts/texts.js'

export function overviewPage({ overview }: Texts): Page {
  return { title: overview.title, main: html`` }
}

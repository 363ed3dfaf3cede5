import { type Html, html } from '../html.js'

export interface Box {
  readonly label: string
  readonly name: string
  readonly value: string
  readonly isTicked?: boolean | undefined
}

/** A box to be ticked, within its label. */
export function box({ label, name, value, isTicked }: Box): Html {
  return html`<label><input type="checkbox" name="${name}" value="${value}"${isTicked && html` checked`}> ${label}</label>`
}

export interface Lines {
  readonly label: string
  readonly name: string
  readonly help: string
}

/** A field for several lines, which is never filled in for anybody. */
export function lines({ label, name, help }: Lines): Html {
  return html`<label for="${name}">${label}</label>
<textarea id="${name}" name="${name}" rows="4" autocomplete="off" required aria-describedby="${name}-help"></textarea>
<small id="${name}-help">${help}</small>`
}

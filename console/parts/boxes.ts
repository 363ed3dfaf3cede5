import { type Html, html } from '../html.js'

export interface Boxes {
  /** What they are about. */
  readonly label: string
  readonly name: string
  /** What helps to choose. */
  readonly help: string
  /** Values with what they are called. */
  readonly options: readonly (readonly [value: string, text: string])[]
  readonly ticked: readonly string[]
}

/** Of a few, any number can be chosen. */
export function boxes({ label, name, help, options, ticked }: Boxes): Html {
  return html`<fieldset aria-describedby="${name}-help"><legend>${label}</legend>
<small id="${name}-help">${help}</small>
${options.map(
  ([value, text]) =>
    html`<label><input type="checkbox" name="${name}" value="${value}"${ticked.includes(value) && html` checked`}> <code>${value}</code> ${text}</label>
`,
)}</fieldset>`
}

import { FORM_TOKEN } from '../hooks/staff.js'
import { type Child, type Html, html } from '../html.js'

/** A form that changes something. */
export function postForm(action: string, formToken: string, ...children: readonly Child[]): Html {
  return html`<form method="post" action="${action}"><input type="hidden" name="${FORM_TOKEN}" value="${formToken}">${children}</form>`
}

export interface Field {
  readonly label: string
  readonly name: string
  readonly value?: string | undefined
  readonly type?: 'text' | 'tel' | 'number' | 'password' | 'datetime-local' | 'url'
  readonly isRequired?: true | undefined
  /** What helps to fill it in, or what is wrong with it. */
  readonly help?: string | undefined
  readonly wrong?: string | undefined
  readonly placeholder?: string | undefined
  /** What a browser may fill in. A number of a person is never remembered. */
  readonly autocomplete?: 'off' | 'current-password'
}

/** A field with its label, what helps to fill it in, and what is wrong with it. */
export function field({
  label,
  name,
  value,
  type = 'text',
  isRequired,
  help,
  wrong,
  placeholder,
  autocomplete = 'off',
}: Field): Html {
  const describes = [help && `${name}-help`, wrong && `${name}-wrong`].filter(Boolean).join(' ')
  return html`<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}"${value !== undefined && html` value="${value}"`}${
    placeholder && html` placeholder="${placeholder}"`
  }${isRequired && html` required`}${describes !== '' && html` aria-describedby="${describes}"`}${wrong && html` aria-invalid="true"`}>
${help && html`<small id="${name}-help">${help}</small>`}${wrong && html`<small id="${name}-wrong" class="wrong">${wrong}</small>`}`
}

export interface Choice {
  readonly label: string
  readonly name: string
  readonly value?: string | undefined
  /** Values with what they are called. */
  readonly options: readonly (readonly [value: string, text: string])[]
}

/** A field in which one of a few can be chosen. */
export function choice({ label, name, value = '', options }: Choice): Html {
  return html`<label for="${name}">${label}</label>
<select id="${name}" name="${name}">${options.map(
    ([option, text]) =>
      html`<option value="${option}"${option === value && html` selected`}>${text}</option>`,
  )}</select>`
}

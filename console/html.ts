import { html as template } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'

/** Markup in which all text that was put in is escaped. */
export type Html = HtmlEscapedString

/** What may be put into markup. What is false or missing leaves nothing. */
export type Child = Html | string | number | false | null | undefined | readonly Child[]

/** Markup: text between `${` and `}` is escaped, unless it was made by this function too. */
export const html = template as (strings: TemplateStringsArray, ...values: readonly Child[]) => Html

import { SaxesParser } from 'saxes'

/** What a document tells the carrier to do. */
export type Told =
  | { readonly kind: 'connect'; readonly destination: string; readonly callerId: string }
  | { readonly kind: 'apology' }
  | { readonly kind: 'refusal' }

/** Reads a document as strictly as a parser can; undefined when it is no document that Vobiz would understand. */
export function readAnswer(text: string): Told | undefined {
  const elements: { name: string; attributes: Record<string, string>; text: string }[] = []
  const parser = new SaxesParser()
  let isBroken = false
  parser.on('error', () => {
    isBroken = true
  })
  parser.on('opentag', ({ name, attributes }) => elements.push({ name, attributes, text: '' }))
  parser.on('text', (content) => {
    const last = elements.at(-1)
    if (last) last.text += content
  })
  parser.write(text).close()
  if (isBroken || elements[0]?.name !== 'Response') return undefined

  const dial = elements.find(({ name }) => name === 'Dial')
  const number = elements.find(({ name }) => name === 'Number')
  if (dial || number) {
    const callerId = dial?.attributes.callerId
    if (!callerId || !number) return undefined
    return { kind: 'connect', destination: bare(number.text), callerId: bare(callerId) }
  }
  const words = elements.find(({ name }) => name === 'Speak')?.text
  if (words === undefined) return undefined
  return { kind: words.startsWith('Sorry, we cannot connect your call right now') ? 'apology' : 'refusal' }
}

function bare(number: string): string {
  return number.replace(/^\+/, '')
}

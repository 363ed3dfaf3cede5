import { SaxesParser, type SaxesTagPlain } from 'saxes'

/** What a value may be. Says what is wrong with a text, if anything. */
type Rule = (text: string) => string | undefined

const oneOf =
  (...values: readonly string[]): Rule =>
  (text) =>
    values.includes(text) ? undefined : `is not one of ${values.join(', ')}`

const whole =
  (min: number, max = Number.MAX_SAFE_INTEGER): Rule =>
  (text) =>
    /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max
      ? undefined
      : `is no whole number from ${min} to ${max}`

/** Relative URLs are silence on the line. */
const url: Rule = (text) =>
  /^https:\/\/[^/]/.test(text) && URL.canParse(text) ? undefined : 'is no https URL'
const phone: Rule = (text) => (/^\+?[1-9]\d{6,14}$/.test(text) ? undefined : 'is no number in E.164')
const boolean = oneOf('true', 'false')
const method = oneOf('GET', 'POST')
const some: Rule = (text) => (text.trim() === '' ? 'is empty' : undefined)

/** An element of a document, as the platform takes it. */
interface VerbRule {
  readonly attributes: Readonly<Record<string, Rule>>
  readonly required?: readonly string[]
  /** What may stand in it: elements, or a text. Nothing else. */
  readonly children?: readonly string[]
  readonly text?: Rule
}

/** What the platform speaks by its page on Speak, and `en-IN`, which its own people use. */
const LANGUAGES =
  'da-DK nl-NL en-AU en-GB en-US en-IN fr-FR fr-CA de-DE it-IT pl-PL pt-PT pt-BR ru-RU es-ES es-US sv-SE'.split(
    ' ',
  )

/**
 * The verbs of the platform, from its pages on them: every attribute, with the values that it takes. It is written down here by
 * itself, and not taken from the code that it judges.
 */
export const VERBS: Readonly<Record<string, VerbRule>> = {
  Response: {
    attributes: {},
    children: ['Dial', 'Speak', 'Play', 'Record', 'Gather', 'Hangup', 'Redirect', 'Wait', 'PreAnswer'],
  },
  Dial: {
    attributes: {
      callerId: phone,
      callerName: (text) => (text.length <= 50 ? undefined : 'has more than 50 characters'),
      timeout: whole(1),
      timeLimit: whole(1, 86_400),
      action: url,
      method,
      redirect: boolean,
      callbackUrl: url,
      callbackMethod: method,
      hangupOnStar: boolean,
      dialMusic: (text) => (text === 'real' ? undefined : url(text)),
      confirmSound: url,
      confirmKey: oneOf(...'0123456789#*'),
      confirmTimeout: whole(1),
      digitsMatch: some,
      digitsMatchBLeg: some,
      // A key without its ending throws away the whole set.
      sipHeaders: (text) =>
        /^([A-Za-z0-9]+X-VH=[A-Za-z0-9]+)(,[A-Za-z0-9]+X-VH=[A-Za-z0-9]+)*$/.test(text)
          ? undefined
          : 'has a key that does not end in X-VH',
    },
    // The platform would show the caller’s own number, and ring for two minutes.
    required: ['callerId', 'timeout'],
    children: ['Number'],
  },
  Number: { attributes: { sendDigits: some, sendOnPreanswer: boolean }, text: phone },
  Speak: {
    attributes: { voice: oneOf('WOMAN', 'MAN'), language: oneOf(...LANGUAGES), loop: whole(0) },
    text: some,
  },
  Play: { attributes: { loop: whole(0) }, text: url },
  Wait: { attributes: { length: whole(1), silence: boolean, minSilence: whole(1), beep: boolean } },
  Hangup: { attributes: { reason: oneOf('rejected', 'busy'), schedule: whole(1) } },
  Redirect: { attributes: { method }, text: url },
  PreAnswer: { attributes: {}, children: ['Speak', 'Play', 'Wait'] },
  Record: {
    attributes: {
      action: url,
      method,
      callbackUrl: url,
      callbackMethod: method,
      fileFormat: oneOf('mp3', 'wav'),
      redirect: boolean,
      timeout: whole(1),
      maxLength: whole(1),
      playBeep: boolean,
      finishOnKey: (text) => (/^[\d#*]+$/.test(text) ? undefined : 'is no set of keys'),
      recordSession: boolean,
      startOnDialAnswer: boolean,
      transcriptionType: oneOf('auto', 'hybrid'),
      transcriptionUrl: url,
      transcriptionMethod: method,
    },
    // Its default of a minute would cut a recording off.
    required: ['maxLength'],
  },
  Gather: {
    attributes: {
      action: url,
      method,
      inputType: oneOf('dtmf', 'speech', 'dtmf speech'),
      executionTimeout: whole(5, 60),
      digitEndTimeout: (text) => (text === 'auto' ? undefined : whole(2, 10)(text)),
      speechEndTimeout: (text) => (text === 'auto' ? undefined : whole(2, 10)(text)),
      finishOnKey: oneOf(...'0123456789*#', '', 'none'),
      numDigits: whole(1, 32),
      speechModel: oneOf('default', 'command_and_search', 'phone_call'),
      hints: some,
      language: some,
      interimSpeechResultsCallback: url,
      interimSpeechResultsCallbackMethod: method,
      log: boolean,
      redirect: boolean,
      profanityFilter: boolean,
    },
    required: ['action'],
    children: ['Speak', 'Play'],
  },
}

/** Bytes that a document may have. */
export const MAX_DOCUMENT = 100 * 1024

/**
 * What a document is given for: to say how a call goes on; to be heard by whoever is called, before the two are connected; or to
 * acknowledge an event.
 */
export type Use = 'call' | 'whisper' | 'event'

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** What the platform would not accept in a document, in words; nothing where it is good. */
export function judge(xml: string, use: Use = 'call'): string[] {
  const wrong: string[] = []
  if (Buffer.byteLength(xml) > MAX_DOCUMENT) wrong.push('the document has more than 100 KB')
  let root: Element
  try {
    root = parse(xml)
  } catch (error) {
    return [...wrong, `it is no XML: ${(error as Error).message.split('\n')[0]}`]
  }
  if (root.name !== 'Response') return [...wrong, `its root is ${root.name}`]
  return [...wrong, ...wrongIn(root), ...wrongOrder(root.children, use)]
}

function wrongIn({ name, attributes, children, text }: Element): string[] {
  const rule = VERBS[name]
  if (!rule) return [`there is no verb ${name}`]
  const wrong: string[] = []
  for (const [attribute, value] of Object.entries(attributes)) {
    const problem = Object.hasOwn(rule.attributes, attribute)
      ? rule.attributes[attribute]?.(value)
      : 'is no attribute of it'
    if (problem) wrong.push(`${name}: ${attribute} ${problem}`)
  }
  for (const attribute of rule.required ?? [])
    if (attributes[attribute] === undefined) wrong.push(`${name}: ${attribute} is missing`)
  const problem = rule.text ? rule.text(text) : text !== '' && 'is not taken'
  if (problem) wrong.push(`${name}: its text ${problem}`)
  for (const child of children)
    if (!rule.children?.includes(child.name)) wrong.push(`${child.name} cannot stand in ${name}`)
  if (name === 'Dial' && children.length === 0) wrong.push('Dial: there is nobody to be called')
  return [...wrong, ...children.flatMap(wrongIn)]
}

function wrongOrder(verbs: readonly Element[], use: Use): string[] {
  const names = verbs.map(({ name }) => name)
  if (use === 'event') return names.length > 0 ? ['an event is acknowledged with an empty document'] : []
  if (use === 'whisper') {
    const strange = names.filter((name) => !['Speak', 'Play', 'Wait'].includes(name))
    return strange.map((name) => `${name} cannot be heard before two are connected`)
  }
  const wrong: string[] = []
  const at = (name: string) => names.indexOf(name)
  if (at('Record') > -1 && at('Dial') > -1 && at('Record') > at('Dial'))
    wrong.push('Record stands after the Dial that it is to record')
  if (at('Record') > -1 && at('Gather') > at('Record')) wrong.push('Record would hear the digits of a Gather')
  if (names.lastIndexOf('Record') !== at('Record')) wrong.push('each Record is a file of its own')
  const end = names.findIndex((name) => name === 'Hangup' || name === 'Redirect')
  if (end > -1 && end < names.length - 1) wrong.push(`nothing comes after ${names[end]}`)
  if (at('PreAnswer') > 0) wrong.push('PreAnswer is not the first')
  // A bare Dial ends the call with the bridge; after anything else the line stays open.
  if (!['Hangup', 'Redirect', 'Dial'].includes(names.at(-1) ?? '')) wrong.push('nothing ends the call')
  return wrong
}

function parse(xml: string): Element {
  const parser = new SaxesParser()
  const open: Element[] = [{ name: '', attributes: {}, children: [], text: '' }]
  const inner = () => open.at(-1) as Element
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) => {
    const element = { name, attributes, children: [], text: '' }
    inner().children.push(element)
    open.push(element)
  })
  parser.on('text', (text) => {
    if (open.length > 1) inner().text += text
  })
  parser.on('closetag', () => open.pop())
  parser.write(xml).close()
  return inner().children[0] as Element
}

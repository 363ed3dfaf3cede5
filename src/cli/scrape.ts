/** One line of what an instance says at `/metrics`. */
export interface Series {
  /** The name with its labels, as it was written. */
  readonly key: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^((\w+)(?:\{(.*)\})?) (\S+)$/
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g

/** Reads the text format of Prometheus. Lines that are none are passed over. */
export function readScrape(text: string): Series[] {
  return text.split('\n').flatMap((line) => {
    const [, key = '', name = '', labels = '', value = ''] = LINE.exec(line) ?? []
    if (key === '') return []
    const pairs = Array.from(labels.matchAll(LABEL), ([, label = '', text = '']) => [label, text] as const)
    return [{ key, name, labels: Object.fromEntries(pairs), value: Number(value) }]
  })
}

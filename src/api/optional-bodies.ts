interface Body {
  required?: boolean
  readonly content: Readonly<Record<string, { schema: { readonly type?: unknown } }>>
}

interface Described {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: Body }>>>>
}

/** Says of each body whose schema takes null that it may be left out, which is how null gets there. */
export function withOptionalBodies<Document extends object>(document: Document): Document {
  for (const operations of Object.values((document as Described).paths ?? {})) {
    for (const { requestBody } of Object.values(operations)) {
      if (!requestBody) continue
      for (const media of Object.values(requestBody.content)) {
        const { type } = media.schema
        if (!Array.isArray(type) || !type.includes('null')) continue
        const [only] = type.filter((name) => name !== 'null')
        media.schema = { ...media.schema, type: only }
        requestBody.required = false
      }
    }
  }
  return document
}

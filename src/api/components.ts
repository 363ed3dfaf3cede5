type Json = unknown
type JsonObject = Record<string, Json>

/** A title that is a name, as schemas have it that are to be components. */
const NAME = /^[A-Z][A-Za-z]+$/
/** Values, in which a title is a value too. */
const VALUES = new Set(['example', 'examples', 'enum', 'const', 'default'])

/** A schema without its words: those of a parameter stand beside its schema. */
function bare({ description, ...schema }: JsonObject): string {
  return JSON.stringify(schema)
}

/**
 * Gives every schema of an OpenAPI document that has a name a place of its own, and lets all others refer to it: generators
 * make one type of it. Throws where one name means two schemas.
 */
export function withComponents<Document extends object>(document: Document): Document {
  const components = new Map<string, JsonObject>()

  function hoisted(value: Json): Json {
    if (Array.isArray(value)) return value.map(hoisted)
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value).map(([key, member]) => [
      key,
      VALUES.has(key) ? member : hoisted(member),
    ])
    const object: JsonObject = Object.fromEntries(members)
    const { title } = object
    return typeof title === 'string' && NAME.test(title) ? reference(title, object) : object
  }

  function reference(name: string, schema: JsonObject): JsonObject {
    const known = components.get(name) ?? schema
    if (bare(known) !== bare(schema)) throw new TypeError(`two schemas are called ${name}`)
    components.set(name, { ...schema, ...known })
    return { $ref: `#/components/schemas/${name}` }
  }

  const { paths, components: given, ...rest } = document as JsonObject
  const hoistedPaths = hoisted(paths)
  const schemas = Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { ...rest, paths: hoistedPaths, components: { ...(given as object), schemas } } as Document
}

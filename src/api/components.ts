type Json = unknown
type JsonObject = Record<string, Json>

/** A title that is a type name: schemas with one become components. */
const NAME = /^[A-Z][A-Za-z]+$/
/** Keywords that hold plain values, in which `title` is data. */
const VALUES = new Set(['example', 'examples', 'enum', 'const', 'default'])

/** A schema without its description: that of a parameter stands beside its schema. */
function bare({ description, ...schema }: JsonObject): string {
  return JSON.stringify(schema)
}

/**
 * Makes a component of every named schema in an OpenAPI document, and refers to it everywhere else, so that generators
 * make one type of it. Throws when two schemas have one name.
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

  const { paths, webhooks, components: given, ...rest } = document as JsonObject
  const hoistedPaths = hoisted(paths)
  const hoistedWebhooks = webhooks === undefined ? {} : { webhooks: hoisted(webhooks) }
  const schemas = Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    ...rest,
    paths: hoistedPaths,
    ...hoistedWebhooks,
    components: { ...(given as object), schemas },
  } as Document
}

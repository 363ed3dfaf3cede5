/**
 * For every Ajv of ours: a test holds all our schemas against the schema of JSON Schema. At the start each Ajv would compile that
 * one first, which takes 8 % of the start.
 */
export const KNOWN_GOOD = { validateSchema: false } as const

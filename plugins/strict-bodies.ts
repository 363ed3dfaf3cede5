import type { FastifySchemaCompiler } from 'fastify'
import fp from 'fastify-plugin'
import { KNOWN_GOOD } from '../src/known-good.js'
import { compilerOf } from '../src/schema-compilers.js'

/**
 * In the scope where this is registered, a body must have the types of its schema: JSON has types, and coercing a
 * phone number would corrupt it. Queries, paths and headers are text, so their values are converted.
 */
export default fp(
  async (app) => {
    const compilerWith = (customOptions: object) =>
      compilerOf(
        {},
        { customOptions: { removeAdditional: false, ...KNOWN_GOOD, ...customOptions } },
      ) as FastifySchemaCompiler<unknown>
    const forBodies = compilerWith({ coerceTypes: false })
    const forText = compilerWith({})

    app.setValidatorCompiler((route) => (route.httpPart === 'body' ? forBodies : forText)(route))
  },
  { name: 'strict-bodies' },
)

import fp from 'fastify-plugin'
import { type MaskingNumbers, readMaskingNumbers } from '../src/config/masking-numbers.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly maskingNumbers: MaskingNumbers
  }
}

/** Decorates `app.maskingNumbers`: the numbers of the configuration, read once. */
export default fp(
  async (app) => {
    app.decorate('maskingNumbers', readMaskingNumbers(app.config))
  },
  { name: 'masking-numbers', dependencies: ['config'] },
)

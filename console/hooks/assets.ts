import fp from 'fastify-plugin'
import { type Assets, readAssets } from '../../src/console/assets.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly assets: Assets
    /** The URL of a file that belongs to the console. */
    assetUrl(name: string): string
  }
}

/** Where the files of the console are. */
export const ASSETS = '/console/assets'

/** Decorates `app.assets` and `app.assetUrl`. */
export default fp(
  async (app) => {
    const assets = await readAssets()
    app.decorate('assets', assets)
    // With what is in them in their path, they can be kept for ever.
    app.decorate('assetUrl', (name) => `${ASSETS}/${assets.version}/${name}`)
  },
  { name: 'console-assets' },
)

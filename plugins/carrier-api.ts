import fp from 'fastify-plugin'
import { entries } from '../src/config/entries.js'
import type { CarrierApi } from '../src/vobiz/carrier-api.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** The API of the platform; undefined without VOBIZ_AUTH_ID and VOBIZ_AUTH_TOKEN. */
    readonly carrierApi: CarrierApi | undefined
  }
}

/** Decorates `app.carrierApi`, which follows a rotation of the token. */
export default fp<{ readonly fetch: typeof fetch }>(
  async (app, { fetch }) => {
    const { clock, config, meter, toTell } = app
    const { VOBIZ_API_BASE: base, VOBIZ_AUTH_ID: authId } = config
    if (!authId || !config.VOBIZ_AUTH_TOKEN) {
      app.decorate('carrierApi', undefined)
      return
    }
    const { countedFetch } = await import('../src/telemetry/counted-fetch.js')
    const { createCarrierApi } = await import('../src/vobiz/carrier-api.js')
    const counted = countedFetch(fetch, meter, (result) => {
      if (result === 'out_of_credit') toTell.noteTrouble('out_of_credit')
    })
    const create = (id: string) => {
      const { VOBIZ_AUTH_TOKEN, VOBIZ_PARENT_AUTH_TOKEN, WEBHOOK_PATH_SECRET } = config
      const tokens = entries(VOBIZ_AUTH_TOKEN)
      const secrets = [...tokens, ...entries(VOBIZ_PARENT_AUTH_TOKEN), ...entries(WEBHOOK_PATH_SECRET)]
      return createCarrierApi({ base, authId: id, tokens, secrets, fetch: counted, after: clock.after })
    }
    let current = create(authId)
    app.secrets.onChange(() => {
      current = create(authId)
    })
    app.decorate('carrierApi', {
      get now() {
        return current.now
      },
      get later() {
        return current.later
      },
      get account() {
        return current.account
      },
      fetchMedia: (url, request) => current.fetchMedia(url, request),
    })
  },
  { name: 'carrier-api', dependencies: ['clock', 'config', 'meter', 'secrets', 'to-tell'] },
)

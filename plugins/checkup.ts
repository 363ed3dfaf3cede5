import fp from 'fastify-plugin'
import type { Finding } from '../src/checkup/finding.js'
import type { CheckupOptions } from '../src/checkup/run-checkup.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Examines the account, the store and the way to the service. Who asks while it goes on gets the same findings. */
    readonly checkUp: () => Promise<Finding[]>
  }
}

/** Decorates `app.checkUp`. Only with an API. */
export default fp<Pick<CheckupOptions, 'environment' | 'fileEnvironment' | 'fetch'>>(
  async (app, { environment, fileEnvironment, fetch }) => {
    const { clock } = app
    const ending = new AbortController()
    let running: Promise<Finding[]> | undefined

    app.decorate('checkUp', () => {
      running ??= run().finally(() => {
        running = undefined
      })
      return running
    })
    app.addHook('preClose', async () => ending.abort())

    async function run(): Promise<Finding[]> {
      // It is long until somebody asks for one, if ever.
      const { runCheckup } = await import('../src/checkup/run-checkup.js')
      return runCheckup({ environment, fileEnvironment, fetch, clock, ending: ending.signal })
    }
  },
  { name: 'checkup', dependencies: ['clock'] },
)

import fp from 'fastify-plugin'
import type { Environment } from '../src/config/environment.js'
import type { Config, SecretName } from '../src/config/schema.js'
import { SECRETS } from '../src/config/schema.js'
import { secretFiles, stateOfSecretFiles } from '../src/config/secret-files.js'
import { type ConfigError, readConfig } from '../src/config/validation.js'

declare module 'fastify' {
  interface FastifyInstance {
    readonly secrets: Secrets
  }
}

/** The secrets of `app.config`, which follow the files that they come from. */
export interface Secrets {
  /** Reads the files again. What is wrong there is logged, and then all stays as it was. */
  reload(): void
  /** Does something whenever secrets have changed: `app.config` has the new ones then. */
  onChange(run: Listener): void
}

type Listener = (changed: readonly SecretName[]) => void

/** How often is looked whether a file has changed, in milliseconds. */
export const LOOK_INTERVAL_MS = 1_000

/** Decorates `app.secrets`. */
export default fp<{ environment: Environment }>(
  async (app, { environment }) => {
    const { clock, config, log } = app
    const listeners: Listener[] = []

    app.decorate('secrets', {
      reload() {
        const changed = update()
        if (changed) log.info({ changed }, 'the secrets were read again')
      },
      onChange(run) {
        listeners.push(run)
      },
    })

    // A file may be half written when it is looked at, so it is read once it looks the same for the second time.
    let [used, seen] = ['', '']
    async function look(): Promise<void> {
      const state = await stateOfSecretFiles(environment)
      if (state !== used && state === seen) {
        used = state
        const changed = update()
        if (changed && changed.length > 0) log.info({ changed }, 'the secrets were read again')
      }
      seen = state
    }
    if (secretFiles(environment).length > 0) {
      const stop = clock.every(LOOK_INTERVAL_MS, look)
      app.addHook('onClose', async () => stop())
    }

    /** Which ones have changed; undefined where something is wrong. */
    function update(): SecretName[] | undefined {
      let next: Config
      try {
        next = readConfig(environment)
      } catch (error) {
        const { problems } = error as Partial<ConfigError>
        const wrong = problems?.map(({ variable, wrong }) => `${variable} ${wrong}`)
        log.error({ err: error, problems: wrong }, 'the secrets cannot be read again, so the old ones stay')
        return undefined
      }
      const changed = SECRETS.filter((name) => next[name] !== config[name])
      for (const name of changed) Object.assign(config, { [name]: next[name] })
      if (changed.length > 0) for (const run of listeners) tell(run, changed)
      return changed
    }

    /** What one of them cannot do, the others do. */
    function tell(run: Listener, changed: readonly SecretName[]): void {
      try {
        run(changed)
      } catch (err) {
        log.error({ err, changed }, 'a new secret is not used everywhere: restart')
      }
    }
  },
  { name: 'secrets', dependencies: ['config', 'clock'] },
)

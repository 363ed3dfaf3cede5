import { CONSOLE } from '../console/hooks/staff.js'
import { buildApp } from '../src/app.js'
import { createLogger } from '../src/logger.js'
import { ENVIRONMENT } from './world.js'

/** What the service has below /console, as `GET /console/sessions/:id`. */
export async function consoleRoutes(): Promise<readonly string[]> {
  const silent = createLogger({ write: () => undefined })
  const app = buildApp({ environment: { ...ENVIRONMENT, AUDIT_LOG: 'off' }, logger: silent })
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => {
    const isOurs = url === CONSOLE || url.startsWith(`${CONSOLE}/`)
    // The root is there with a slash at its end too.
    if (!isOurs || url === `${CONSOLE}/`) return
    routes.push(...[method].flat().flatMap((name) => (name === 'HEAD' ? [] : `${name} ${url}`)))
  })
  await app.ready()
  await app.close()
  return routes
}

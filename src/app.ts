import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyPluginCallback,
  type FastifyPluginOptions,
  fastify,
  LogController,
} from 'fastify'
import fp from 'fastify-plugin'
import adminServer from '../plugins/admin-server.js'
import badUrls from '../plugins/bad-urls.js'
import callCounts from '../plugins/call-counts.js'
import callLimits from '../plugins/call-limits.js'
import calls from '../plugins/calls.js'
import carrier from '../plugins/carrier.js'
import carrierApi from '../plugins/carrier-api.js'
import carrierGuard from '../plugins/carrier-guard.js'
import clockPlugin from '../plugins/clock.js'
import config from '../plugins/config.js'
import connections from '../plugins/connections.js'
import drain from '../plugins/drain.js'
import fileStore from '../plugins/file-store.js'
import innerUrls from '../plugins/inner-urls.js'
import legLookup from '../plugins/leg-lookup.js'
import maskingNumbers from '../plugins/masking-numbers.js'
import meter from '../plugins/meter.js'
import nonceMemory from '../plugins/nonce-memory.js'
import pins from '../plugins/pins.js'
import plainErrors from '../plugins/plain-errors.js'
import pool from '../plugins/pool.js'
import replyHeaders from '../plugins/reply-headers.js'
import requestIds from '../plugins/request-ids.js'
import retention from '../plugins/retention.js'
import secrets from '../plugins/secrets.js'
import sessions from '../plugins/sessions.js'
import sharedStore from '../plugins/shared-store.js'
import storages from '../plugins/storages.js'
import tickets from '../plugins/tickets.js'
import toTell from '../plugins/to-tell.js'
import tracedRequests from '../plugins/traced-requests.js'
import tracing from '../plugins/tracing.js'
import xmlReply from '../plugins/xml-reply.js'
import answer from '../routes/answer.js'
import callEvents from '../routes/call-events.js'
import health from '../routes/health.js'
import pin from '../routes/pin.js'
import { type Clock, systemClock } from './clock.js'
import { hasApi } from './config/api.js'
import type { Environment } from './config/environment.js'
import { hasMetrics } from './config/metrics.js'
import {
  CHECK_INTERVAL_MS,
  MAX_REQUESTS_PER_CONNECTION,
  REQUEST_TIMEOUT_MS,
  STALLED_TIMEOUT_MS,
} from './connections.js'
import type { Post } from './events/post.js'
import { httpServers } from './http-server.js'
import { CARRIER_PATH } from './inner-url.js'
import { KNOWN_GOOD } from './known-good.js'
import { requestIdOf } from './request-id.js'
import { compilerOf } from './schema-compilers.js'
import { brokenHttpAnswerer } from './vobiz/broken-http.js'

/** Milliseconds that one plugin may take: some load packages, and that is slow where many instances start on one processor. */
const PLUGIN_LIMIT_MS = 60_000

export interface AppOptions {
  readonly environment: Environment
  /** The part of it that comes from the file of settings alone, which may be anybody's. */
  readonly fileEnvironment?: Environment
  readonly logger: FastifyBaseLogger
  readonly clock?: Clock
  /** How the API of the platform is reached. */
  readonly fetch?: typeof fetch
  /** How events are sent. */
  readonly post?: Post
  /** Called when the shared store turns out to be one that this instance cannot read. */
  readonly onUnfit?: (error: Error) => void
}

/**
 * Characters of a path parameter: as many as Node accepts in front of a body, so that it is always a route that
 * validates them.
 */
const MAX_PATH_PART = 16 * 1024

/** The whole service, to be listened to or injected into. It fails to become ready with a `ConfigError`. */
export function buildApp({
  environment,
  fileEnvironment = {},
  logger,
  clock = systemClock,
  fetch = globalThis.fetch,
  post,
  onUnfit,
}: AppOptions): FastifyInstance {
  const servers = httpServers()
  const app = fastify({
    serverFactory: servers.factory,
    loggerInstance: logger,
    // Fastify's own request lines print URLs and headers, where numbers may stand.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => requestIdOf(headers),
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: CHECK_INTERVAL_MS },
    connectionTimeout: STALLED_TIMEOUT_MS,
    pluginTimeout: PLUGIN_LIMIT_MS,
    maxRequestsPerSocket: MAX_REQUESTS_PER_CONNECTION,
    // An unknown field is a mistake to report, not to drop.
    ajv: { customOptions: { removeAdditional: false, ...KNOWN_GOOD } },
    schemaController: { compilersFactory: { buildValidator: compilerOf } },
    // While we close, a call that still arrives is answered, not turned away.
    return503OnClosing: false,
    clientErrorHandler: brokenHttpAnswerer(clock),
    frameworkErrors: (_error, request, reply) => request.server.answerBadUrl(request, reply),
    rewriteUrl(request) {
      return this.innerUrl(request)
    },
    routerOptions: { maxParamLength: MAX_PATH_PART },
  })

  // A logger per request would be wasted on the one line that a call has: whatever logs names the request itself.
  app.setChildLoggerFactory((parent) => parent)

  app.register(config, { environment })
  app.register(clockPlugin, { clock })
  app.register(meter)
  app.register(tracing)
  app.register(connections)
  app.register(secrets, { environment })
  app.register(maskingNumbers)
  app.register(sharedStore, { onUnfit })
  app.register(fileStore)
  app.register(storages)
  app.register(toTell)
  app.register(pool)
  app.register(sessions)
  app.register(retention)
  app.register(carrierApi, { fetch })
  app.register(callCounts)
  app.register(calls)
  app.register(legLookup)
  app.register(pins)
  app.register(nonceMemory)
  app.register(callLimits)
  app.register(requestIds)
  app.register(xmlReply)
  app.register(drain)
  app.register(tickets)
  app.register(fp(withApi(() => import('../plugins/access.js'))))
  app.register(adminServer, { servers })
  app.register(innerUrls)
  app.register(replyHeaders)
  app.register(plainErrors)
  app.register(badUrls)

  app.register(fp(withApi(() => import('./kept-for-business.js'))), { post })
  app.register(fp(withApi(() => import('../plugins/checkup.js'))), { environment, fileEnvironment, fetch })

  app.register(health)
  app.register(calledByCarrier)
  app.register(withApi(() => import('./called-by-business.js')))
  app.register(
    withApi(() => import('../console/console.js')),
    { fetch },
  )
  app.register(calledByOperator)

  return app
}

/** The scope of the routes that the carrier calls: the guard and all other hooks apply to each of them. */
async function calledByCarrier(app: FastifyInstance): Promise<void> {
  await app.register(carrierGuard)
  await app.register(tracedRequests, { trace: 'new' })
  app.register(
    async (route) => {
      await route.register(carrier)
      await route.register(answer)
      await route.register(callEvents)
      await route.register(pin)
    },
    { prefix: app.carrierPrefix + CARRIER_PATH },
  )
}

/** What those ask for who run the service. */
async function calledByOperator(app: FastifyInstance): Promise<void> {
  if (!hasMetrics(app.config)) return
  await app.register(import('./called-by-operator.js'))
}

/** What only the business needs. Without a key there is no API, and then it is not loaded: that would be 10 % of the start. */
function withApi<Options extends FastifyPluginOptions>(
  load: () => Promise<{ readonly default: FastifyPluginAsync<Options> | FastifyPluginCallback<Options> }>,
): FastifyPluginAsync<Options> {
  return async (app, options) => {
    if (!hasApi(app.config)) return
    const { default: plugin } = await load()
    await app.register(plugin, options)
  }
}

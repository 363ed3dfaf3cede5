import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { type WebhookChecks, webhookChecks } from '../src/config/webhook-checks.js'
import type { NonceUse } from '../src/vobiz/nonces.js'
import { verifySignature } from '../src/vobiz/signature.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the carrier's signature was there. A wrong one does not get this far. */
    signed: boolean
    /** The nonces that are spent with the signature, first the verified one. */
    nonces?: readonly [string, ...string[]]
    /** What becomes of the verified nonce. It is looked up while the call is decided. */
    nonceUse?: Promise<NonceUse>
    /** Whether it is a captured request with another body. The guard refuses it when it is answered. */
    isAlteredReplay(): Promise<boolean> | boolean
  }
}

type Refusal = 'address' | 'unsigned' | 'wrong-signature' | 'altered-replay'

/**
 * Lets only the carrier in, to every route in the scope where this is registered. A stranger is refused before the
 * body is read, with 403 and nothing else.
 */
export default fp(
  async (app) => {
    let checks = webhookChecks(app.config)
    app.secrets.onChange(() => {
      checks = webhookChecks(app.config)
    })
    const isAllowed = addressCheck(checks)
    const counts: Record<Refusal, number> = {
      address: 0,
      unsigned: 0,
      'wrong-signature': 0,
      'altered-replay': 0,
    }

    app.decorateRequest('signed', false)
    app.decorateRequest('nonces')
    app.decorateRequest('nonceUse')
    app.decorateRequest('isAlteredReplay', function () {
      return this.nonceUse?.then((use) => use === 'altered') ?? false
    })

    app.addHook('onRequest', (request, reply, done) => {
      if (!isAllowed(request.raw)) return refuse(reply, 'address')

      const verdict = verifySignature(request.headers, signedUrl(checks, request.originalUrl), checks.tokens)
      if (verdict.kind === 'wrong') return refuse(reply, 'wrong-signature')
      if (verdict.kind === 'valid') {
        request.signed = true
        request.nonces = verdict.nonces
      } else if (checks.auth === 'required') return refuse(reply, 'unsigned')
      done()
    })

    // Whether it is a replay is looked up while the call is decided, and waited for before anything leaves.
    app.addHook('preHandler', (request, _reply, done) => {
      const { nonces, body } = request
      if (nonces) request.nonceUse = spend(nonces, digestOfBody(body))
      done()
    })

    app.addHook('onSend', async (request, reply, payload) => {
      if (!(await request.isAlteredReplay())) return payload
      note(reply, 'altered-replay')
      reply.code(403).removeHeader('content-type')
      return ''
    })

    async function spend(
      [verified, ...besides]: readonly [string, ...string[]],
      digest: string,
    ): Promise<NonceUse> {
      const use = await app.nonces.use(verified, digest)
      // Only with a request that is new, or whoever repeats an old one could fill the memory with invented nonces.
      if (use === 'new') for (const nonce of besides) await app.nonces.use(nonce, digest)
      return use
    }

    app.addHook('onReady', (done) => {
      announce(checks)
      done()
    })

    function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
      note(reply, refusal)
      return reply.code(403).send()
    }

    function note(reply: FastifyReply, refusal: Refusal): void {
      counts[refusal] += 1
      reply.log.warn({ refusal, count: counts[refusal] }, 'webhook refused')
    }

    function announce({ auth, prefixes, tokens, allowedIps, trustedProxies }: WebhookChecks): void {
      const active = {
        signature: auth,
        parentToken: tokens.parent.length > 0,
        pathSecrets: prefixes.filter((prefix) => prefix !== '').length,
        allowedIps: allowedIps.length,
        trustedProxies: trustedProxies.length,
      }
      app.log.info({ webhook: active }, 'webhook checks')
      if (auth === 'optional')
        app.log.warn('unsigned webhooks are let in: set WEBHOOK_AUTH=required to refuse them')
    }
  },
  { name: 'carrier-guard', dependencies: ['config', 'secrets', 'nonce-memory'] },
)

/** The URL as the carrier knows it. `Host` and `X-Forwarded-*` are the sender's to choose, so they play no part. */
function signedUrl({ signedBase }: WebhookChecks, url: string): string {
  const [path] = url.split('?')
  return `${signedBase}${path}`
}

/** Whether the client's address may call; `X-Forwarded-For` counts only as far as trusted proxies wrote it. */
function addressCheck({ allowedIps, trustedProxies }: WebhookChecks): (request: IncomingMessage) => boolean {
  if (allowedIps.length === 0) return () => true
  const isListed = proxyAddress.compile([...allowedIps])
  const isTrusted = proxyAddress.compile([...trustedProxies])
  return (request) => isListed(proxyAddress(request, isTrusted), 0)
}

/** Of the fields as they were read, in their order: what has the same digest gets the same answer. A GET has none. */
function digestOfBody(body: unknown): string {
  return hash('sha256', JSON.stringify(body ?? null), 'base64')
}

import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { type WebhookChecks, webhookChecks } from '../src/config/webhook-checks.js'
import type { Outcome } from '../src/masking/resolver.js'
import { createSampler } from '../src/sampler.js'
import { NONCE_RETRY_MS, type NonceUse, UNREAD_BODY } from '../src/vobiz/nonces.js'
import { type SignatureVerdict, verifySignature } from '../src/vobiz/signature.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether the carrier signed the request. A wrong signature does not get this far. */
    signed: boolean
    /** The nonces that the signature uses up, the verified one first. */
    nonces?: readonly [string, ...string[]]
    /** How the verified nonce was used before. It is looked up while the call is decided. */
    nonceUse?: Promise<NonceUse>
    /** Why it is a captured request, if it is one. The guard refuses it when it is answered. */
    replay(): Promise<Replay | undefined> | undefined
    /** The outcome that this request gets, which for one that comes again is what it got the first time, or a refusal. */
    settle(outcome: Outcome<string>): Promise<Outcome<string>> | Outcome<string>
  }
}

/** A nonce that came with another body before, or with this one too long ago. */
type Replay = 'altered-replay' | 'late-replay'
const UNSIGNED: SignatureVerdict = { kind: 'unsigned' }

type Refusal = 'address' | 'unsigned' | 'wrong-signature' | Replay

/**
 * Admits only the carrier to the routes in the scope where this is registered. A stranger is refused before the
 * body is read, with 403 and nothing else.
 */
export default fp(
  async (app) => {
    let checks = webhookChecks(app.config)
    app.secrets.onChange(() => {
      checks = webhookChecks(app.config)
    })
    const isAllowed = addressCheck(checks)
    // One line a second and kind, for strangers may send as many as they like.
    const refusals = createSampler<Refusal, string>(
      app.clock,
      (refusal, { count, since, detail: requestId }) =>
        app.log.warn({ refusal, count, since: new Date(since), requestId }, 'webhook refused'),
    )
    app.addHook('onClose', async () => refusals.flush())

    app.decorateRequest('signed', false)
    app.decorateRequest('nonces')
    app.decorateRequest('nonceUse')
    app.decorateRequest('replay', function () {
      return this.nonceUse?.then(replayOf)
    })
    app.decorateRequest('settle', function (outcome) {
      const { nonces, nonceUse } = this
      if (!nonces || !nonceUse) return outcome
      return nonceUse.then((use) => app.retries.settle(nonces[0], use, outcome))
    })

    app.addHook('onRequest', (request, reply, done) => {
      if (!isAllowed(request.raw)) return refuse(reply, 'address')

      // Without a token nobody can tell a right signature from a wrong one, so it says nothing.
      const verdict = canVerify(checks)
        ? verifySignature(request.headers, signedUrl(checks, request.originalUrl), checks.tokens)
        : UNSIGNED
      if (verdict.kind === 'wrong') return refuse(reply, 'wrong-signature')
      if (verdict.kind === 'valid') {
        request.signed = true
        request.nonces = verdict.nonces
      } else if (checks.auth === 'required') return refuse(reply, 'unsigned')
      done()
    })

    // The nonce is looked up while the call is decided, and awaited before a reply is sent.
    app.addHook('preValidation', (request, _reply, done) => {
      const { nonces, body } = request
      if (nonces) {
        request.nonceUse = spend(nonces, digestOfBody(body))
        // Until somebody awaits it, nothing handles a failure, which would end the process.
        request.nonceUse.catch(() => undefined)
      }
      done()
    })

    app.addHook('onSend', async (request, reply, payload) => {
      const { nonces } = request
      // Whoever sends a body that cannot be read may not use the signature again with another one.
      if (nonces) request.nonceUse ??= spend(nonces, UNREAD_BODY)
      // Where the nonce could not be looked up, the route has failed with it: the reply is an apology.
      const replay = await request.replay()?.catch(() => undefined)
      if (!replay) return payload
      note(reply, replay)
      reply.code(403).removeHeader('content-type')
      return ''
    })

    async function spend(
      [verified, ...besides]: readonly [string, ...string[]],
      digest: string,
    ): Promise<NonceUse> {
      const use = await app.nonces.use(verified, digest)
      // Only for a new request, or a repeated one could fill the memory with invented nonces.
      if (use.kind === 'new') for (const nonce of besides) await app.nonces.use(nonce, digest)
      return use
    }

    function replayOf({ kind, at }: NonceUse): Replay | undefined {
      if (kind === 'altered') return 'altered-replay'
      if (kind === 'new' || app.clock.now() - at <= NONCE_RETRY_MS) return undefined
      return 'late-replay'
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
      refusals.note(refusal, reply.request.id)
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
      if (!canVerify(checks))
        app.log.warn(
          'no signature can be checked, so a signed webhook counts as unsigned: set VOBIZ_AUTH_TOKEN and PUBLIC_BASE_URL',
        )
      if (auth === 'optional')
        app.log.warn('unsigned webhooks are let in: set WEBHOOK_AUTH=required to refuse them')
    }
  },
  { name: 'carrier-guard', dependencies: ['clock', 'config', 'secrets', 'nonce-memory'] },
)

/** Whether there is a token to check signatures with. */
function canVerify({ tokens }: WebhookChecks): boolean {
  return tokens.own.length + tokens.parent.length > 0
}

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

/** Covers the fields as parsed, in order: bodies with the same digest get the same answer. A GET has no fields. */
function digestOfBody(body: unknown): string {
  return hash('sha256', JSON.stringify(body ?? null), 'base64')
}

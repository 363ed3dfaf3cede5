import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { type WebhookChecks, webhookChecks } from '../src/config/webhook-checks.js'
import type { Outcome } from '../src/masking/resolver.js'
import { andThen, type MaybePromise } from '../src/maybe-promise.js'
import { createSampler } from '../src/sampler.js'
import { textOf } from '../src/vobiz/form.js'
import { NONCE_RETRY_MS, type Nonces, type NonceUse, UNREAD_BODY } from '../src/vobiz/nonces.js'
import { type SignatureVerdict, verifySignature } from '../src/vobiz/signature.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** What shows that the carrier sent it; undefined for a request without a signature. A wrong one does not get this far. */
    proof?: Proof
    /**
     * The outcome that this request gets, which for one that comes again is what it got the first time, or a refusal; undefined
     * for a captured request. The guard replaces the reply to that.
     */
    settle(outcome: Outcome<string>): MaybePromise<Outcome<string> | undefined>
    /** Whether it was captured and sent again: then nothing that it tells is believed, and the guard replaces the reply. */
    isReplay(): MaybePromise<boolean>
  }

  interface FastifyReply {
    /** Refuses a request with a token that is not ours, or not for this, as a stranger is refused. */
    wrongToken(): this
  }
}

/** A right signature. */
interface Proof {
  readonly nonces: Nonces
  /** How its nonce was used before. It is looked up while the call is decided. */
  use?: MaybePromise<NonceUse>
  /** The carrier asks again. Known once the call is settled. */
  isRetry?: true
}

/** A nonce that came with another body before, or with this one too long ago. */
type Replay = 'altered-replay' | 'late-replay'
const UNSIGNED: SignatureVerdict = { kind: 'unsigned' }

type Refusal = 'address' | 'unsigned' | 'wrong-signature' | 'wrong-token' | Replay

/**
 * Admits only the carrier to the routes in the scope where this is registered. A stranger is refused before the
 * body is read, with 403 and nothing else.
 */
export default fp(
  async (app) => {
    const { meter } = app
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

    app.decorateRequest('proof')
    app.decorateRequest('settle', function (outcome) {
      const { proof } = this
      if (!proof?.use) return outcome
      return andThen(proof.use, (use) => {
        if (replayOf(use)) return undefined
        if (use.kind === 'retry') noteRetry(proof)
        return app.retries.settle(proof.nonces[0], use, outcome)
      })
    })

    app.decorateRequest('isReplay', function () {
      const { proof } = this
      if (!proof?.use) return false
      return andThen(known(proof.use), (use) => use !== undefined && replayOf(use) !== undefined)
    })

    app.decorateReply('wrongToken', function () {
      note(this, 'wrong-token')
      return this.code(403).send()
    })

    app.addHook('onRequest', (request, reply, done) => {
      if (!isAllowed(request.raw)) return refuse(reply, 'address')

      // Without a token nobody can tell a right signature from a wrong one, so it says nothing.
      const verdict = canVerify(checks)
        ? verifySignature(request.headers, signedUrl(checks, request.originalUrl), checks.tokens)
        : UNSIGNED
      if (verdict.kind === 'wrong') return refuse(reply, 'wrong-signature')
      if (verdict.kind === 'valid') request.proof = { nonces: verdict.nonces }
      else if (checks.auth === 'required') return refuse(reply, 'unsigned')
      done()
    })

    // The nonce is looked up while the call is decided, and awaited before a reply is sent.
    app.addHook('preValidation', ({ proof, body }, _reply, done) => {
      if (proof) spend(proof, textOf(body))
      done()
    })

    app.addHook('onSend', (request, reply, payload, done) => {
      const { proof } = request
      if (!proof) return done(null, payload)
      // Whoever sends a body that cannot be read may not use the signature again with another one.
      const use = proof.use ?? spend(proof, UNREAD_BODY)
      andThen<NonceUse | undefined, void>(known(use), (use) => done(null, payloadFor(reply, use, payload)))
    })

    /** Undefined where the nonce could not be looked up: a call has failed with it and gets an apology, an event is believed. */
    function known(use: MaybePromise<NonceUse>): MaybePromise<NonceUse | undefined> {
      return use instanceof Promise ? use.catch(() => undefined) : use
    }

    function payloadFor(reply: FastifyReply, use: NonceUse | undefined, payload: unknown): unknown {
      const replay = use && replayOf(use)
      if (!replay) return payload
      note(reply, replay)
      reply.code(403).removeHeader('content-type')
      return ''
    }

    function spend(proof: Proof, body: string): MaybePromise<NonceUse> {
      proof.use = useOf(proof, body)
      // Until somebody awaits it, nothing handles a failure, which would end the process.
      if (proof.use instanceof Promise) proof.use.catch(() => undefined)
      return proof.use
    }

    /** An error that is thrown at once must not be thrown in a hook, where nothing handles it either. */
    function useOf({ nonces }: Proof, body: string): MaybePromise<NonceUse> {
      try {
        return app.nonces.use(nonces, body)
      } catch (error) {
        return Promise.reject(error)
      }
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

    function noteRetry(proof: Proof): void {
      proof.isRetry = true
      meter.count('webhookRetries')
    }

    function note(reply: FastifyReply, refusal: Refusal): void {
      meter.count('webhookRefusals', refusal)
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
  { name: 'carrier-guard', dependencies: ['clock', 'config', 'meter', 'secrets', 'nonce-memory'] },
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

import type { FastifyError, FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { StoreUnavailableError } from '../../src/masking/storage.js'
import { PageProblem, type ProblemView } from '../api.js'
import { notFoundPage, problemPage } from '../pages/problems.js'
import { layout, type Page } from '../parts/layout.js'
import { LANGUAGE_COOKIE, type Language, languageFor, type Texts, textsIn } from '../texts/texts.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** The language of whoever reads. */
    language: Language
    readonly texts: Texts
  }
  interface FastifyReply {
    /** Sends a page in its frame. */
    page(page: Page, status?: number): this
  }
}

/**
 * What a browser may do with a page of the console: its own scripts, styles and requests, and nothing from elsewhere. Forms go to
 * where they came from, and nothing may frame a page.
 */
export const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // The signs of the style sheet stand in it.
    "img-src 'self' data:",
    "connect-src 'self'",
    "media-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // To other sites nothing. Without any, some browsers send forms from here as if they came from nowhere.
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
} as const

/** Decorates `reply.page`, and answers every error of the scope where this is registered with a page. */
export default fp(
  async (app) => {
    app.decorateRequest('language', 'en')
    app.decorateRequest('texts', {
      getter() {
        return textsIn(this.language)
      },
    })
    app.decorateReply('page', function (page, status = 200) {
      const { language, method, staff, texts, url } = this.request
      // Nothing leads back to where there is no page: what was asked for, such as a number, is not repeated.
      const [path = ''] = status === 404 ? [] : url.split('?')
      // What answers a form can be asked for by its form alone.
      const back = method === 'GET' ? path : ''
      const text = layout({ language, texts, staff, path, back, asset: app.assetUrl }, page)
      return this.code(status).type('text/html; charset=utf-8').send(String(text))
    })

    app.addHook('onRequest', async (request, reply) => {
      request.language = languageFor(request.cookies[LANGUAGE_COOKIE], request.headers['accept-language'])
      reply.headers(PAGE_HEADERS)
    })

    app.setNotFoundHandler((request, reply) => reply.page(notFoundPage(request.texts), 404))

    app.setErrorHandler<FastifyError>((error, request, reply) => {
      if (error instanceof PageProblem) return problem(reply, error.status, error.problem)
      if (error instanceof StoreUnavailableError) return problem(reply, 503, { code: 'store_unavailable' })
      const status = error.statusCode ?? 500
      if (status < 500) return problem(reply, status, { code: 'invalid_request' })
      request.log.error({ err: error, requestId: request.id }, 'request failed')
      return problem(reply, 500, { code: 'internal_error' })
    })

    function problem(reply: FastifyReply, status: number, { code, ...words }: SomeProblem): FastifyReply {
      const { texts } = reply.request
      return reply.page(problemPage({ code, title: '', detail: '', ...words }, texts), status)
    }
  },
  { name: 'console-pages', dependencies: ['console-assets'] },
)

type SomeProblem = Pick<ProblemView, 'code'> & Partial<ProblemView>

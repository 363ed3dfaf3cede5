import type { FastifyPluginAsync } from 'fastify'
import { PROBLEM_STATUS } from '../../src/api/problem.js'
import { providerName } from '../../src/config/console.js'
import { destination } from '../destination.js'
import { textOf } from '../forms.js'
import { CONSOLE, SIGN_IN } from '../hooks/staff.js'
import { signInPage } from '../pages/sign-in.js'
import { problemWords } from '../parts/problem.js'
import { LANGUAGE_COOKIE, languageOf } from '../texts/texts.js'

const YEAR_SECONDS = 31_536_000

/** Lets people in and out. */
const signIn: FastifyPluginAsync = async (app) => {
  const provider = providerName(app.config)

  app.get('/sign-in', { config: { door: 'open' } }, async ({ query, staff, texts }, reply) => {
    const to = destination(textOf(query, 'to'))
    return staff ? reply.redirect(to, 303) : reply.page(signInPage({ to, provider }, texts))
  })

  app.post('/sign-in', { config: { door: 'open' } }, async (request, reply) => {
    const { body, texts } = request
    const to = destination(textOf(body, 'to'))
    const authorization = `Bearer ${textOf(body, 'key')}`
    const admission = app.access.admit(request, authorization)
    const mark = app.access.markOf(authorization)
    if ('key' in admission && mark !== undefined) {
      await reply.signIn({ by: 'key', name: admission.key.name, mark })
      return reply.redirect(to, 303)
    }
    const isWrong = 'key' in admission || admission.problem.code === 'unauthorized'
    const wrong = isWrong ? texts.signIn.wrongKey : problemWords(admission.problem, texts).detail
    return reply.page(
      signInPage({ to, provider, wrong }, texts),
      isWrong ? 401 : PROBLEM_STATUS[admission.problem.code],
    )
  })

  app.post('/sign-out', async (request, reply) => {
    app.access.audit.add('signed_out', { key: request.staff.name, source: app.access.sourceOf(request) })
    await reply.signOut()
    return reply.redirect(SIGN_IN, 303)
  })

  app.get('/language', { config: { door: 'open' } }, async ({ query }, reply) => {
    const code = languageOf(textOf(query, 'code'))
    if (code)
      reply.setCookie(LANGUAGE_COOKIE, code, { path: CONSOLE, sameSite: 'strict', maxAge: YEAR_SECONDS })
    return reply.redirect(destination(textOf(query, 'to')), 303)
  })
}

export default signIn

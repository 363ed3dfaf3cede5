import type { FastifyPluginAsync } from 'fastify'
import { isAskerName } from '../../src/access/asker-name.js'
import type { CreatedKeyView, KeyListView, KeyView } from '../../src/api/key-schemas.js'
import { keyNotFound, noKeyStore, PROBLEM_STATUS } from '../../src/api/problem.js'
import { bodyOf, PageProblem } from '../api.js'
import { DAY_SECONDS, optionalOf, secondsOf, textOf, textsOf, withoutNumbers } from '../forms.js'
import { needs } from '../needs.js'
import { madeKeyPage, newKeyPage, revokePage } from '../pages/key.js'
import { KEYS, keysPage } from '../pages/keys.js'
import { path } from '../urls.js'

/** Days after which a new key expires, unless somebody says otherwise. */
const USUAL_DAYS = '90'

interface OfKey {
  readonly Params: { readonly name: string }
}

/** Keys: listed, made, revoked; and the ends of what was signed in with them. */
const keys: FastifyPluginAsync = async (app) => {
  app.get('/keys', async ({ query, staff, texts }, reply) => {
    const { keys } = await staff.api.get<KeyListView>('/keys')
    const what = textOf(query, 'done')
    const done = what === 'revoked' || what === 'ended' ? texts.keys.done[what] : undefined
    return reply.page(keysPage({ keys, staff, done }, texts))
  })

  app.get('/keys/new', async ({ staff, texts }, reply) => {
    needs('admin', staff)
    const problem = app.access.records ? undefined : noKeyStore
    return reply.page(newKeyPage({ given: { days: USUAL_DAYS }, problem, formToken: staff.formToken }, texts))
  })

  app.post('/keys/new', async ({ body, staff, texts }, reply) => {
    const asked = {
      name: textOf(body, 'name'),
      scopes: textsOf(body, 'scopes'),
      expires_in: secondsOf(body, 'days', DAY_SECONDS),
    }
    const made = await staff.api.send<CreatedKeyView>('POST', '/keys', asked)
    if (!made.problem) return reply.page(madeKeyPage(made.body, texts), made.status)
    const { status, problem } = made
    // Whoever may make none gets no form, either.
    if (problem.code === 'missing_scope') throw new PageProblem(status, problem)
    const { name, scopes } = asked
    const given = withoutNumbers({ name, scopes, days: optionalOf(body, 'days') })
    return reply.page(newKeyPage({ given, problem, formToken: staff.formToken }, texts), status)
  })

  app.get<OfKey>('/keys/:name/revoke', async ({ params, staff, texts }, reply) => {
    const all = await staff.api.get<KeyListView>('/keys')
    const key = all.keys.find(({ name, status }) => name === params.name && status === 'valid')
    if (!key) throw new PageProblem(PROBLEM_STATUS.key_not_found, keyNotFound)
    return reply.page(revokePage({ key, staff }, texts))
  })

  app.post<OfKey>('/keys/:name/revoke', async ({ params, staff }, reply) => {
    bodyOf(await staff.api.send<KeyView>('DELETE', path`/keys/${params.name}`))
    return reply.redirect(`${KEYS}?done=revoked`, 303)
  })

  app.post('/keys/sign-ins', async (request, reply) => {
    const { body, staff, texts } = request
    // Whom the API does not show the keys may not end what others have begun.
    const { keys } = await staff.api.get<KeyListView>('/keys')
    const name = textOf(body, 'name')
    if (!isAskerName(name)) {
      const page = keysPage({ keys, staff, wrongName: texts.keys.signInNameWrong }, texts)
      return reply.page(page, PROBLEM_STATUS.invalid_request)
    }
    await app.signIns.endAllOf(name)
    const source = app.access.sourceOf(request)
    app.access.audit.add('sign_ins_ended', { key: staff.name, source, target: name })
    return reply.redirect(`${KEYS}?done=ended`, 303)
  })
}

export default keys

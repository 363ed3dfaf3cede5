import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { isKeyName, KEY_NAME_RULE, sortedScopes } from '../src/access/api-key.js'
import type { KeyRecords } from '../src/access/key-records.js'
import { createSecret } from '../src/access/key-secret.js'
import { CreatedKeyView, CreateKey, KeyListView, KeyPath, KeyView } from '../src/api/key-schemas.js'
import { keyView } from '../src/api/key-view.js'
import {
  invalidRequest,
  keyExists,
  keyNotFound,
  keyOfConfiguration,
  noKeyStore,
  ProblemError,
  tooManyKeys,
} from '../src/api/problem.js'

/** Makes, lists and revokes keys. */
const keys: FastifyPluginAsyncTypebox = async (app) => {
  const { access, clock } = app

  app.post(
    '/keys',
    {
      schema: {
        operationId: 'createKey',
        tags: ['Keys'],
        summary: 'Make a key',
        description:
          'The reply has the key itself, which is shown this once. All instances know it a second later.',
        body: CreateKey,
        response: { 201: CreatedKeyView },
      },
      config: {
        operation: {
          scope: 'admin',
          replies: { 201: 'The key is there.' },
          problems: ['no_key_store', 'key_exists', 'too_many_keys', 'store_unavailable'],
        },
      },
    },
    async (request, reply) => {
      const { name, scopes, expires_in: seconds } = request.body
      if (!isKeyName(name))
        throw new ProblemError(invalidRequest('body', [{ field: 'name', message: `is ${KEY_NAME_RULE}` }]))
      const records = recordsOf()
      if (configured(name)) throw new ProblemError(keyExists)
      const { text, id, hash } = createSecret()
      const now = clock.now()
      const key = {
        name,
        scopes: sortedScopes(scopes),
        origin: 'store',
        createdAt: now,
        expiresAt: seconds === undefined ? undefined : now + seconds * 1_000,
      } as const
      const outcome = await records.add({ ...key, id, hash })
      if (outcome === 'exists') throw new ProblemError(keyExists)
      if (outcome === 'full') throw new ProblemError(tooManyKeys)
      access.audit.add('key_created', { key: request.apiKey?.name, target: name })
      await access.refresh()
      // What holds a secret is kept by nobody on the way.
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...keyView(key, now), key: text })
    },
  )

  app.get(
    '/keys',
    {
      schema: {
        operationId: 'listKeys',
        tags: ['Keys'],
        summary: 'List all keys, without their secrets',
        response: { 200: KeyListView },
      },
      config: {
        operation: { scope: 'admin', replies: { 200: 'All of them.' }, problems: ['store_unavailable'] },
      },
    },
    async () => {
      await access.refresh()
      return { keys: access.list().map((key) => keyView(key, clock.now())) }
    },
  )

  app.delete(
    '/keys/:name',
    {
      schema: {
        operationId: 'revokeKey',
        tags: ['Keys'],
        summary: 'Revoke a key',
        description:
          'It is refused from now on by this instance, and two seconds later by all that reach the store. It stays in the list for 30 days.',
        params: KeyPath,
        response: { 200: KeyView },
      },
      config: {
        operation: {
          scope: 'admin',
          replies: { 200: 'The key is revoked.' },
          problems: ['key_not_found', 'key_of_configuration', 'store_unavailable'],
        },
      },
    },
    async (request) => {
      const { name } = request.params
      if (configured(name)) throw new ProblemError(keyOfConfiguration)
      const revoked = await access.records?.revoke(name)
      if (!revoked) throw new ProblemError(keyNotFound)
      access.audit.add('key_revoked', { key: request.apiKey?.name, target: revoked.name })
      await access.refresh()
      return keyView(revoked, clock.now())
    },
  )

  function recordsOf(): KeyRecords {
    if (!access.records) throw new ProblemError(noKeyStore)
    return access.records
  }

  function configured(name: string): boolean {
    return access.list().some((key) => key.name === name && key.origin !== 'store')
  }
}

export default keys

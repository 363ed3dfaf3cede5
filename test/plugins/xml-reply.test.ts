import { fastify } from 'fastify'
import { test } from 'tap'
import xmlReply from '../../plugins/xml-reply.js'
import { acknowledgement } from '../../src/vobiz/replies.js'
import { DECLARATION } from '../fixtures.js'

test('reply.xml sends a document with its type and charset', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(xmlReply)
  app.get('/', (_request, reply) => reply.code(202).xml(acknowledgement))

  const reply = await app.inject('/')
  t.equal(reply.statusCode, 202)
  t.equal(reply.headers['content-type'], 'application/xml; charset=utf-8')
  t.equal(reply.body, `${DECLARATION}<Response/>`)
})

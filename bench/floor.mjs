// The floor: a bare Fastify with form parsing that answers every request with the same bytes.
import formbody from '@fastify/formbody'
import { fastify } from 'fastify'

const app = fastify()
app.register(formbody)
app.post('/answer', async (_request, reply) => {
  return reply.type('application/xml; charset=utf-8').send(process.env.DOCUMENT)
})
await app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`listening at http://127.0.0.1:${app.server.address().port}\n`)

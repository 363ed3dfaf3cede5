// The floor of a start: as little as can answer a call. It loads no schemas, unlike the floor of the requests.
import formbody from '@fastify/formbody'
import { fastify } from 'fastify'

const app = fastify()
app.register(formbody)
app.post('/answer', (_request, reply) => {
  reply.type('application/xml; charset=utf-8').send('<Response><Number>918888800002</Number></Response>')
})
await app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`listening at http://127.0.0.1:${app.server.address().port}\n`)

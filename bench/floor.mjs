// The floor: a bare Fastify that reads and checks what the service reads, and answers every request with a constant. Its
// handlers are plain functions.
import formbody from '@fastify/formbody'
import { fastify } from 'fastify'
import { CreateSession, SessionView } from '../dist/src/api/session-schemas.js'

const SESSION = {
  id: 's_VGhpcyBpcyBhbiBpZC4uLg',
  status: 'open',
  participants: [
    { masking_number: '+919000000101', hint: '…01' },
    { masking_number: '+919000000102', hint: '…02' },
  ],
  created_at: '2026-06-08T09:30:00.000Z',
  expires_at: '2026-06-09T09:30:00.000Z',
}
const DOCUMENT =
  '<?xml version="1.0" encoding="UTF-8"?><Response><Dial callerId="919000000002" timeout="30"><Number>918888800002</Number></Dial></Response>'

const app = fastify({ ajv: { customOptions: { removeAdditional: false } } })
app.register(formbody)
app.post('/answer', (_request, reply) => {
  reply.type('application/xml; charset=utf-8').send(DOCUMENT)
})
app.post(
  '/v1/sessions',
  { schema: { body: CreateSession, response: { 201: SessionView } } },
  (_request, reply) => {
    reply.code(201).send(SESSION)
  },
)
await app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`listening at http://127.0.0.1:${app.server.address().port}\n`)

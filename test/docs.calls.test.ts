import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { DECLARATION, webhook } from './fixtures.js'
import { API, build } from './helper.js'

const page = readFileSync('docs/calls.md', 'utf8')
/** The body of a request and the document that the page shows for it. */
const EXAMPLES = [
  ...page.matchAll(/```sh\n(curl -s \$url\/v1\/sessions [\s\S]*?)```([\s\S]*?)```xml\n([\s\S]*?)```/g),
]
const CallUUID = '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b93'

test('each request of docs/calls.md makes the document that the page shows', async (t) => {
  t.ok(EXAMPLES.length >= 4)
  for (const [, request = '', between, shown = ''] of EXAMPLES) {
    const { app } = await build(t, { ...API.environment, PUBLIC_BASE_URL: 'https://mask.example.com' })
    const body = /-d '([\s\S]*)'/.exec(request)?.[1] as string
    const opened = await app.inject({
      method: 'POST',
      url: '/v1/sessions',
      headers: { ...API.headers, 'content-type': 'application/json' },
      payload: body,
    })
    t.equal(opened.statusCode, 201, opened.body)
    const { id, participants } = opened.json()
    if (between?.includes('Once it is closed'))
      await app.inject({ method: 'POST', url: `/v1/sessions/${id}/close`, headers: API.headers })
    const reply = await app.inject(
      webhook({ CallUUID, From: '919800000001', To: participants[0].masking_number }),
    )
    // Which of the free numbers a session gets is no part of the example.
    const [own] = participants.map(({ masking_number }: { masking_number: string }) => masking_number)
    const document = reply.body
      .replaceAll(/(answer\/\w+)\/[\w-]+/g, '$1/…')
      .replace(/callerId="([^"]+)"/, (_, shown) => `callerId="+9190000000${shown === own ? 11 : 12}"`)
    t.equal(document, DECLARATION + shown.replaceAll(/\n\s*/g, ''))
  }
})

test('the question for a PIN is the one that the page shows', async (t) => {
  const [, shown = ''] = /```xml\n(<Response>\n {2}<Gather[\s\S]*?)```/.exec(page) ?? []
  const { app } = await build(t, {
    ...API.environment,
    PUBLIC_BASE_URL: 'https://mask.example.com',
    PIN_LENGTH: '6',
  })
  const reply = await app.inject(webhook({ CallUUID, From: '917777700003', To: '+919000000011' }))
  const document = reply.body.replaceAll(/(answer\/\w+)\/[\w-]+/g, '$1/…')
  t.equal(document, DECLARATION + shown.replaceAll(/\n\s*/g, ''))
})

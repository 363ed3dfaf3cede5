import { type TSchema, Type } from '@sinclair/typebox'
import { Ajv } from 'ajv'
import { test } from 'tap'
import { formValidator, parseForm, textOf } from '../../../src/vobiz/form.js'
import { NO_BODY } from '../../../src/vobiz/nonces.js'
import { WebhookSchema } from '../../../src/vobiz/webhook.js'

test('a form keeps its text, where no field can be mistaken for it', (t) => {
  const text = 'To=%2B91&From=1&From=2'
  const form = parseForm(text)
  t.same({ ...JSON.parse(JSON.stringify(form)) }, { To: '+91', From: ['1', '2'] })
  t.equal(textOf(form), text)
  t.equal(textOf(undefined), NO_BODY)
  t.equal(textOf(null), NO_BODY)
  t.end()
})

test('a form is checked as Ajv checks its schema', (t) => {
  const [ajv, ours] = [new Ajv().compile(WebhookSchema), formValidator(WebhookSchema)]
  const bodies = [
    undefined,
    null,
    'From=1',
    {},
    parseForm(''),
    parseForm('From=1&To=2&Event=StartApp&CallUUID=u&Other=1&Other=2'),
    parseForm('From=1&From=2'),
    parseForm('To=1&CallUUID=1&CallUUID='),
    { Event: { From: '1' } },
    { From: 1 },
  ]
  for (const body of bodies) t.equal(ours(body) === true, ajv(body), JSON.stringify(body))
  t.match(ours(null), { error: [{ instancePath: '' }] })
  t.match(ours({ To: '1', From: ['1', '2'] }), { error: [{ instancePath: '/From' }] }, 'which field it is')
  t.end()
})

test('a schema of a form that asks for more than texts is a mistake of ours', (t) => {
  const schemas: TSchema[] = [Type.Number(), Type.String({ minLength: 1 }), Type.Array(Type.String())]
  for (const schema of schemas)
    t.throws(() => formValidator(Type.Object({ a: schema })), { message: 'a must be any text' })
  t.end()
})

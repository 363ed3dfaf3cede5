import { test } from 'tap'
import { parseForm, textOf } from '../../../src/vobiz/form.js'
import { NO_BODY } from '../../../src/vobiz/nonces.js'

test('a form keeps its text, where no field can be mistaken for it', (t) => {
  const text = 'To=%2B91&From=1&From=2'
  const form = parseForm(text)
  t.same({ ...JSON.parse(JSON.stringify(form)) }, { To: '+91', From: ['1', '2'] })
  t.equal(textOf(form), text)
  t.equal(textOf(undefined), NO_BODY)
  t.equal(textOf(null), NO_BODY)
  t.end()
})

import { Type as Whole } from '@sinclair/typebox'
import { test } from 'tap'
import { Type } from '../../src/typebox.js'

/** A schema as it is given to a validator, with what TypeBox says of it by symbols that we need, too. */
function schemas({ String: text, Integer, Unsafe, Optional, Object: object }: typeof Type) {
  return [
    text(),
    text({ format: 'country', default: 'IN' }),
    Integer(),
    Integer({ minimum: 1, maximum: 9, description: 'words' }),
    Unsafe<'a'>({ type: 'string', enum: ['a'] }),
    Optional(text({ minLength: 1 })),
    object({}),
    object({ one: text() }),
    object({ one: Optional(Integer()), other: Optional(text()) }),
    object({ one: Integer(), other: Optional(text()), third: text() }, { additionalProperties: false }),
  ]
}

test('our part of TypeBox makes the schemas that TypeBox makes', async (t) => {
  const [ours, theirs] = [schemas(Type), schemas(Whole as unknown as typeof Type)]
  t.equal(ours.length, theirs.length)
  for (const [i, schema] of ours.entries()) t.equal(JSON.stringify(schema), JSON.stringify(theirs[i]))
})

test('what is optional for us is optional for TypeBox, and the other way round', async (t) => {
  t.same(Whole.Object({ one: Type.Optional(Type.String()), other: Type.String() }).required, ['other'])
  t.same(Type.Object({ one: Whole.Optional(Whole.String()), other: Whole.String() }).required, ['other'])
})

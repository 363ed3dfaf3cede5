import { test } from 'tap'
import { withComponents } from '../../../src/api/components.js'

const document = (...schemas: object[]) => ({
  openapi: '3.1.0',
  info: { title: 'Title' },
  paths: { '/': schemas },
  components: { securitySchemes: { key: {} } },
})

test('a schema with a name gets a place of its own', async (t) => {
  const inner = { title: 'Inner', type: 'string', description: 'Words.' }
  const outer = { title: 'Outer', properties: { a: inner, b: { type: 'null', title: 'no name' } } }
  const { title, type } = inner
  t.same(
    withComponents(document({ schema: outer }, { schema: { title, type } }, { example: { title: 'Outer' } })),
    {
      openapi: '3.1.0',
      info: { title: 'Title' },
      paths: {
        '/': [
          { schema: { $ref: '#/components/schemas/Outer' } },
          { schema: { $ref: '#/components/schemas/Inner' } },
          { example: { title: 'Outer' } },
        ],
      },
      components: {
        securitySchemes: { key: {} },
        schemas: {
          Inner: inner,
          Outer: {
            title: 'Outer',
            properties: { a: { $ref: '#/components/schemas/Inner' }, b: { type: 'null', title: 'no name' } },
          },
        },
      },
    },
  )
})

test('words that only the second place has are kept', async (t) => {
  const { components } = withComponents(
    document({ title: 'One', type: 'string' }, { title: 'One', type: 'string', description: 'Words.' }),
  )
  t.match(components, { schemas: { One: { description: 'Words.' } } })
})

test('one name for two schemas is a mistake', async (t) => {
  const twice = document({ title: 'One', type: 'string' }, { title: 'One', type: 'integer' })
  t.throws(() => withComponents(twice), { message: 'two schemas are called One' })
})

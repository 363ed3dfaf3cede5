import { test } from 'tap'
import { withComponents } from '../../../src/api/components.js'

const document = (...schemas: object[]) => ({
  openapi: '3.1.0',
  info: { title: 'Title' },
  paths: { '/': schemas },
  components: { securitySchemes: { key: {} } },
})

test('a schema with a name becomes a component, to which all others refer', async (t) => {
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

test('a description that only the second occurrence has is kept', async (t) => {
  const { components } = withComponents(
    document({ title: 'One', type: 'string' }, { title: 'One', type: 'string', description: 'Words.' }),
  )
  t.match(components, { schemas: { One: { description: 'Words.' } } })
})

test('two schemas with one name are an error', async (t) => {
  const twice = document({ title: 'One', type: 'string' }, { title: 'One', type: 'integer' })
  t.throws(() => withComponents(twice), { message: 'two schemas are called One' })
})

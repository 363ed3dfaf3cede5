import { Type } from '@sinclair/typebox'

/** Where a page begins. What is no cursor is refused, because it would begin anywhere. */
export function cursorSchema(example: string) {
  return Type.String({
    pattern: '^\\d{1,16}\\.[\\w.-]{1,128}$',
    description: 'The `next_cursor` of the page before.',
    examples: [example],
  })
}

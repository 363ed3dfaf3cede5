import { type Static, Type } from '@sinclair/typebox'
import type { SharedStore } from '../stores/redis/shared-store.js'

export const StatusView = Type.Object(
  {
    store: Type.Object(
      {
        kind: Type.Unsafe<'memory' | 'file' | SharedStore['kind']>({
          type: 'string',
          enum: ['memory', 'file', 'standalone', 'sentinel', 'cluster'],
          description: 'memory: in this process. file: in a folder of its machine.',
        }),
        state: Type.Unsafe<'up' | 'down'>({
          type: 'string',
          enum: ['up', 'down'],
          description:
            'down: calls of sessions hear an apology, or, with a file, nothing is opened, changed or closed; those of the static pair are connected.',
        }),
      },
      { title: 'StoreStatus' },
    ),
  },
  { title: 'Status', examples: [{ store: { kind: 'memory', state: 'up' } }] },
)
export type StatusView = Static<typeof StatusView>

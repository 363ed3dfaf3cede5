import { type Static, Type } from '@sinclair/typebox'

export const ComparedNumberView = Type.Object(
  {
    number: Type.String({ description: 'A masking number, or one that could be.' }),
    country: Type.String({ description: 'Its ISO code, as the account or else the pool has it.' }),
    in_pool: Type.Boolean({ description: 'Whether sessions may have it.' }),
    in_account: Type.Boolean({ description: 'Whether the account has it.' }),
    state: Type.Unsafe<'active' | 'draining' | 'static_pair' | null>({
      title: 'ComparedNumberState',
      type: ['string', 'null'],
      enum: ['active', 'draining', 'static_pair', null],
      description: 'Its state in the pool. static_pair: it is M1 or M2. Null: it is neither.',
    }),
    application: Type.Unsafe<'ours' | 'other' | 'none' | null>({
      title: 'NumberApplication',
      type: ['string', 'null'],
      enum: ['ours', 'other', 'none', null],
      description:
        'Where its calls are sent. ours: to the application VOBIZ_APP_NAME. Null where the account does not have it.',
    }),
    problem: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'Why it takes no calls, wherever they are sent. Null where nothing is wrong with it.',
    }),
    remedy: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: 'What to do about the problem.',
    }),
  },
  { title: 'ComparedNumber' },
)
export type ComparedNumberView = Static<typeof ComparedNumberView>

export const ComparedNumbersView = Type.Object(
  {
    has_application: Type.Boolean({
      description: 'Whether the account has an application VOBIZ_APP_NAME. Without it, run `callmask setup`.',
    }),
    numbers: Type.Array(ComparedNumberView),
  },
  {
    title: 'ComparedNumbers',
    examples: [
      {
        has_application: true,
        numbers: [
          {
            number: '+919000000011',
            country: 'IN',
            in_pool: true,
            in_account: true,
            state: 'active',
            application: 'ours',
            problem: null,
            remedy: null,
          },
        ],
      },
    ],
  },
)

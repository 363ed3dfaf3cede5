import { type Static, Type } from '@sinclair/typebox'

const FindingView = Type.Object(
  {
    check: Type.String({ description: 'What was examined.' }),
    ok: Type.Boolean(),
    seen: Type.String({ description: 'What was seen, without a secret or the number of a person.' }),
    remedy: Type.Optional(Type.String({ description: 'What to do, where it is not well.' })),
  },
  { title: 'Finding' },
)

export const CheckupView = Type.Object(
  {
    healthy: Type.Boolean({ description: 'Whether all of it is well.' }),
    findings: Type.Array(FindingView),
  },
  {
    title: 'Checkup',
    examples: [
      {
        healthy: false,
        findings: [
          { check: 'credentials', ok: true, seen: 'accepted' },
          {
            check: 'public address',
            ok: false,
            seen: 'is not https',
            remedy: 'Vobiz cannot reach it: use a tunnel or a public address',
          },
        ],
      },
    ],
  },
)
export type CheckupView = Static<typeof CheckupView>

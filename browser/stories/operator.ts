import { handsOn } from '../keyboard.js'
import { type Run, visit } from '../visitor.js'
import { reads, tell } from './story.js'

/** Rented, and not in the pool yet. */
const NEW = '+919000000077'

/** The operator, by the keyboard alone: looks how far the numbers go, adds one, and sends again what an endpoint did not take. */
export async function tellOfOperator(run: Run): Promise<void> {
  const { report, world } = run
  const { page, context } = await visit(run)
  const hands = handsOn(page)
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const link = (name: string) => page.getByRole('link', { name, exact: true })

  await tell(report, 'the operator', async () => {
    await page.goto('/console')
    await hands.type(page.getByLabel('API key'), world.keys.operator)
    await hands.press(button('Sign in'))

    await reads(page, 'An endpoint does not take what is sent to it.')
    await hands.press(link('Numbers'))
    await reads(page, 'Head-room')
    await hands.press(button('Add numbers'))
    await hands.type(page.getByLabel('Masking numbers'), NEW)
    await hands.press(button('Add them'))
    await reads(page, 'The numbers are in the pool.')
    await hands.press(link(NEW))
    await hands.press(button('Let it drain'))
    await reads(page, 'It drains: no new session gets it.')

    world.endpoint.status = 204
    const before = world.endpoint.asked
    await page.goto('/console/events/deliveries')
    await hands.press(page.getByRole('button', { name: /^Send again/ }).first())
    await reads(page, 'It is sent again soon.')
    await untilAsked(run, before)
    world.endpoint.status = 500
    await hands.press(button('Sign out'))
    await page.getByLabel('API key').waitFor()
  })
  await context.close()
}

const LIMIT_MS = 20_000

async function untilAsked({ world: { endpoint } }: Run, before: number): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MS)
  while (endpoint.asked <= before) {
    if (limit.aborted) throw new Error('nothing was sent again')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

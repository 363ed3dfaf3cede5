import { handsOn } from '../keyboard.js'
import { type Run, visit } from '../visitor.js'
import { reads, tell } from './story.js'

/** The developer, by the keyboard alone: sees what a call would do now and in a week, makes a key, and examines the service. */
export async function tellOfDeveloper(run: Run): Promise<void> {
  const { report, world } = run
  const { page, context } = await visit(run)
  const hands = handsOn(page)
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const link = (name: string) => page.getByRole('link', { name, exact: true })

  await tell(report, 'the developer', async () => {
    await page.goto('/console')
    await hands.type(page.getByLabel('API key'), world.keys.admin)
    await hands.press(button('Sign in'))

    const events = await counted(run)
    await hands.press(link('Simulator'))
    await hands.press(button('Dial'))
    await reads(page, 'It connects')
    await reads(page, 'Rings, and shows')
    await hands.type(page.getByLabel('Or in so many hours'), '200')
    await hands.press(button('Dial'))
    await reads(page, 'It does not connect')
    if ((await counted(run)) !== events) throw new Error('a simulation has changed something')
    await hands.press(link('Keys'))
    await hands.press(button('Make a key'))
    await hands.type(page.getByLabel('Name', { exact: true }), 'night-shift')
    await hands.tick(page.getByRole('checkbox').first())
    await hands.press(page.locator('main form button[type=submit]'))
    await reads(page, 'The key is there')
    await hands.press(link('Audit'))
    await reads(page, 'night-shift')
    await hands.press(link('Check-up'))
    await hands.push(button('Run the check-up'))
    await page.locator('main h2').first().waitFor()
    await hands.press(button('Sign out'))
    await page.getByLabel('API key').waitFor()
  })
  await context.close()
}

/** How many calls and sessions the service knows: the newest of each. */
async function counted({ world }: Run): Promise<string> {
  const [{ calls }, { sessions }] = await Promise.all([
    world.api.get<{ calls: readonly { id: string }[] }>('/calls'),
    world.api.get<{ sessions: readonly { id: string }[] }>('/sessions'),
  ])
  return [calls[0]?.id, calls.length, sessions[0]?.id, sessions.length].join()
}

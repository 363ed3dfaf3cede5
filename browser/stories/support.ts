import { dial } from '../calls.js'
import { handsOn } from '../keyboard.js'
import { PEOPLE } from '../people.js'
import { type Run, visit } from '../visitor.js'
import { reads, tell } from './story.js'

/** The support desk, by the keyboard alone: finds somebody's session, opens one, closes it while they talk, and finds out why the next call does not connect. */
export async function tellOfSupport(run: Run): Promise<void> {
  const { report, world } = run
  const { page, context } = await visit(run)
  const hands = handsOn(page)
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const link = (name: string) => page.getByRole('link', { name, exact: true })

  await tell(report, 'the support desk', async () => {
    await page.goto('/console')
    await hands.type(page.getByLabel('API key'), world.keys.support)
    await hands.press(button('Sign in'))

    await hands.press(link('Sessions'))
    await hands.type(page.getByLabel('Real number of a participant'), `+${PEOPLE.guest}`)
    await hands.press(button('Search'))
    await hands.press(link(world.closed.id))
    await reads(page, 'closed')
    await reads(page, 'stay-7')

    await hands.press(link('Sessions'))
    await hands.press(button('Open a session'))
    await hands.type(page.getByLabel('Real number of the first participant'), PEOPLE.guest.slice(2))
    await hands.type(page.getByLabel('Real number of the second participant'), `+91 ${PEOPLE.host.slice(2)}`)
    await hands.type(page.getByLabel('External id'), 'stay-8')
    await hands.press(button('Open a session'))
    await reads(page, 'The session is open.')

    const numbers = await page.locator('.copy code').allTextContents()
    const call = await dial(world.service.url, PEOPLE.guest, String(numbers[0]))
    if (!call.connects) throw new Error('a call of the new session was not connected')
    await reads(page, 'in progress')
    await hands.press(button('Close the session'))
    await reads(page, 'One call goes on.')
    await hands.press(button('Close it now'))
    await reads(page, 'The session is closed.')
    const after = await dial(world.service.url, PEOPLE.guest, String(numbers[0]))
    if (after.connects) throw new Error('a call of the closed session was connected')

    await hands.press(link('Overview'))
    await hands.type(page.getByLabel('The caller’s real number'), PEOPLE.guest)
    await hands.type(page.getByLabel('The number they dialled'), String(numbers[0]))
    await hands.push(button('Find out'))
    await reads(page, 'The session of the caller on this number has ended.')
    await reads(page, 'open a new session')

    await hands.press(button('Sign out'))
    await page.getByLabel('API key').waitFor()
  })
  await context.close()
}

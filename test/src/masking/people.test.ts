import { test } from 'tap'
import { sessionsOf } from '../../../src/masking/people.js'
import type { Unreadable } from '../../../src/masking/storage.js'
import { draft, sessionIn, standing } from '../../drafts.js'
import { STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { HOUR, person, whole } from '../../session-store-contract.js'
import { storeOver } from '../../store-under-test.js'

test('a session of a person that cannot be read hides none of the others', async (t) => {
  const { options } = standing()
  const texts = openTexts(options.now)
  const { storage } = sealedOver(texts, STORE_KEY)
  const store = await storeOver(storage, options)
  const bad = sessionIn(await store.create(draft(1, 2)))
  const good = sessionIn(await store.create(draft(1, 3)))
  await texts.put('session', bad.id, 'nothing')

  const told: Unreadable[] = []
  const search = { storage, restMs: HOUR, onUnreadable: (reason: Unreadable) => void told.push(reason) }
  t.match(await sessionsOf(whole(person(1)), 9, search), {
    sessions: [{ session: { id: good.id } }],
    isCut: false,
  })
  t.same(told, ['unknown-key'])
  const quiet = await sessionsOf(whole(person(1)), 9, { storage, restMs: HOUR })
  t.equal(quiet.sessions.length, 1, 'also where nobody is told')
})

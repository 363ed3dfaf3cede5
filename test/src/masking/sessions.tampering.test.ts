import { test } from 'tap'
import { ABANDONED_MS } from '../../../src/masking/books.js'
import { ALL_SESSIONS } from '../../../src/masking/keys.js'
import type { Unreadable } from '../../../src/masking/storage.js'
import { createStorage, plainScript } from '../../../src/stores/storage.js'
import { WRONG_TYPE } from '../../../src/stores/texts.js'
import { draft, replace, sessionIn, standing } from '../../drafts.js'
import { OTHER_KEY, STORE_KEY } from '../../redis-store.js'
import { openTexts, sealedOver } from '../../sealed-store.js'
import { DAY, HOUR, person, START, whole } from '../../session-store-contract.js'
import { storeThrough } from '../../spied-storage.js'
import { rulesOver, storeOver } from '../../store-under-test.js'

const UNREADABLE = { name: 'UnreadableSessionError' }

test('somebody who can write the store', async (t) => {
  async function begin() {
    const world = standing()
    const passedOver: Unreadable[] = []
    const options = {
      ...world.options,
      onUnreadable: (reason: Unreadable) => {
        passedOver.push(reason)
      },
    }
    const texts = openTexts(world.options.now)
    const ours = sealedOver(texts, STORE_KEY)
    const store = await storeOver(ours.storage, options)
    /** An open session of two people, and a call of the first. */
    async function open(first = 1, second = 2) {
      const { id, participants } = sessionIn(
        await store.create(draft(first, second, { expiresAt: START + HOUR })),
      )
      const call = async () => store.findLeg([whole(person(first))], participants[0].maskingNumber)
      return { id, call }
    }
    return { world, options, texts, ours, store, open, passedOver }
  }

  t.test('cannot put one session in the place of another', async (t) => {
    const { texts, open } = await begin()
    const [one, other] = [await open(1, 2), await open(3, 4)]
    const own = await texts.textOf('session', one.id)
    await texts.put('session', one.id, await texts.textOf('session', other.id))
    await t.rejects(one.call(), UNREADABLE)
    t.match(await other.call(), { kind: 'open' })
    await texts.put('session', one.id, own)
    t.match(await one.call(), { kind: 'open' })
  })

  t.test('cannot give a person the book of another', async (t) => {
    const { texts, store, open } = await begin()
    await open(1, 2)
    const [first = '', second = ''] = await texts.idsOf('book')
    await texts.put('book', first, await texts.textOf('book', second))
    const calls = [1, 2].flatMap((n) =>
      ['919000000011', '919000000012', '919000000013'].map((dialled) =>
        answerOf(async () => (await store.findLeg([whole(person(n))], dialled))?.kind),
      ),
    )
    const seen = await Promise.all(calls)
    t.equal(seen.filter((found) => found === 'UnreadableSessionError').length, 3)
    t.equal(seen.filter((found) => found === 'open').length, 1, 'the other one is connected')
    const broken = seen.indexOf('UnreadableSessionError') < 3 ? 1 : 2
    await t.rejects(store.create(draft(broken, 9)), UNREADABLE, 'nothing is given without the book')
  })

  t.test('cannot point an external id or an idempotency key at another session', async (t) => {
    const { texts, store } = await begin()
    const request = draft(1, 2, { externalId: 'order-1', idempotencyKey: 'key-1' })
    await store.create(request)
    const victim = sessionIn(
      await store.create(draft(3, 4, { externalId: 'order-2', idempotencyKey: 'key-2' })),
    )
    for (const kind of ['name', 'request']) {
      const [first = '', second = ''] = await texts.idsOf(kind)
      const [one, other] = [await texts.textOf(kind, first), await texts.textOf(kind, second)]
      await texts.put(kind, first, other)
      await texts.put(kind, second, one)
    }
    const outcome = await store.create(request)
    t.not(sessionIn(outcome).id, victim.id)
  })

  for (const [name, damage, reason] of [
    ['altered', (text: string) => text.replace(/.{8}$/, 'AAAAAAAA'), 'altered'],
    ['no JSON', () => undefined, 'altered'],
    ['no sealed text', () => 'nothing', 'unknown-key'],
    ['another key', () => sealedText(OTHER_KEY), 'unknown-key'],
  ] as const) {
    t.test(`a bad record (${name}) hides nothing else, and can be closed`, async (t) => {
      const { world, ours, texts, store, open, passedOver } = await begin()
      const [bad, good] = [await open(1, 2), await open(1, 3)]
      const text = damage(await texts.textOf('session', bad.id)) ?? ours.vault.seal('[', `session/${bad.id}`)
      await texts.put('session', bad.id, text)
      t.match((await store.list({ limit: 9 })).sessions, [{ id: good.id }])
      t.same(passedOver, [reason])
      t.equal(
        (await store.usage()).numbers.reduce((sum, { openLegs }) => sum + openLegs, 0),
        2,
      )
      await t.rejects(store.find(bad.id), { message: `a session cannot be read: ${reason}` })
      await t.rejects(bad.call(), UNREADABLE)
      t.match(await good.call(), { kind: 'open' })
      await store.upkeep()

      for (let i = 0; i < 2; i++) t.same(await store.close(bad.id), { durable: true })
      t.equal(await bad.call(), undefined)
      t.equal(await store.find(bad.id), undefined)
      t.match(await store.change(bad.id, replace(9)), { kind: 'unknown' })
      t.match((await store.list({ limit: 9 })).sessions, [{ id: good.id }])
      world.time += 8 * DAY
      await store.upkeep()
      t.equal(await texts.textOf('session', bad.id), '', 'and is forgotten one day')
    })
  }

  t.test('a record that is no text at all is a store that fails, and can be closed', async (t) => {
    const { options, texts, open } = await begin()
    const { id } = await open(1, 2)
    let isWrong = true
    const wrong = createStorage(
      {
        ...texts,
        read: async (names) =>
          isWrong && names[0]?.kind === 'session' ? names.map(() => WRONG_TYPE) : texts.read(names),
        swap: async (change) => {
          if (change.was !== WRONG_TYPE) return texts.swap(change)
          isWrong = false
          await texts.put(change.name.kind, change.name.id, change.text)
          return true
        },
      },
      plainScript,
    )
    const theirs = rulesOver(wrong, options)
    await t.rejects(theirs.find(id), { name: 'StoreUnavailableError' })
    t.same(await theirs.close(id), { durable: true })
    t.equal(await theirs.find(id), undefined)
  })

  t.test('a session that was closed unread stays closed for all instances', async (t) => {
    const { options, ours, texts, store, open } = await begin()
    const { id, call } = await open()
    const other = sealedOver(texts, OTHER_KEY)
    await t.rejects(async () => other.storage.read([{ kind: 'session', id }]), {
      name: 'StoreUnavailableError',
    })
    const late = storeThrough(ours.storage, options, async (operation, run) => {
      if (operation === 'swap session')
        await texts.put('session', id, ours.vault.seal('{"over":"closed-unread"}', `session/${id}`))
      return run()
    })
    t.match(await late.change(id, replace(9)), { kind: 'unknown' })
    t.equal(await call(), undefined)
    t.same(await store.close(id), { durable: true })
    t.equal(await store.close('s_0'), undefined)
  })

  t.test('a record that is readable again while it is closed is closed as it is', async (t) => {
    const { options, ours, texts, store, open } = await begin()
    const { id } = await open(1, 2)
    const good = await texts.textOf('session', id)
    await texts.put('session', id, 'nothing')
    const late = storeThrough(ours.storage, options, async (operation, run) => {
      if (operation === 'swap session' && (await texts.textOf('session', id)) === 'nothing')
        await texts.put('session', id, good)
      return run()
    })
    t.match(await late.close(id), { session: { id, closedAt: START } })
    t.match(await store.find(id), { closedAt: START })
  })

  t.test('a session that cannot be read stays in the list', async (t) => {
    const { world, ours, texts, store } = await begin()
    const { id } = sessionIn(await store.create(draft(1, 2)))
    await texts.put('session', id, 'nothing')
    world.time += 20 * DAY
    await store.upkeep()
    t.match(await ours.storage.entries(ALL_SESSIONS, { order: 'oldest first', limit: 9 }), [{ id }])
  })

  t.test('of a refused create nothing stays that leads to it', async (t) => {
    const { texts, store, open } = await begin()
    for (const other of [2, 3, 4]) await open(1, other)
    const keys = { externalId: 'order-1', idempotencyKey: 'key-1' }
    t.match(await store.create(draft(1, 5, keys)), { kind: 'exhausted' })
    t.same([...(await texts.idsOf('name')), ...(await texts.idsOf('request'))], [])
  })

  t.test('an unreadable session keeps its numbers taken', async (t) => {
    const { world, texts, store, open } = await begin()
    const { id } = await open(1, 2)
    for (const other of [3, 4]) await store.create(draft(1, other))
    await texts.put('session', id, 'nothing')
    world.time += 2 * ABANDONED_MS
    t.match(await store.create(draft(1, 5)), { kind: 'exhausted' }, 'it may be open elsewhere')
  })
})

function sealedText(key: string): string {
  return sealedOver(
    openTexts(() => START),
    key,
  ).vault.seal('{}', 'session/s_1')
}

/** What is found, or the name of the error. */
function answerOf<Found>(find: () => Promise<Found>): Promise<Found | string> {
  return find().catch(({ name }) => name)
}

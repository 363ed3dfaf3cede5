import { setImmediate as turn } from 'node:timers/promises'
import { Cluster } from 'ioredis'
import { type Test, test } from 'tap'
import { StoreUnavailableError } from '../../../../src/masking/storage.js'
import type { Client } from '../../../../src/stores/redis/client.js'
import { createConfirmer, PAUSE_MS } from '../../../../src/stores/redis/confirmer.js'

const FLAG = 'p:replicated'

/** A server with replicas of which some have everything. */
function server(port = 6379) {
  const state = {
    replicas: 0,
    inStep: 0,
    isFlagged: false,
    questions: 0,
    /** What is to happen before the server answers how many replicas have everything. */
    beforeAnswer: async (): Promise<void> => undefined,
    commands: [] as string[],
  }
  const connection = () =>
    ({
      stream: { remoteAddress: '127.0.0.1', remotePort: port },
      async info() {
        state.questions += 1
        return `# Replication\r\nrole:master\r\nconnected_slaves:${state.replicas}\r\n`
      },
      exists: async (key: string) => Number(key === FLAG && state.isFlagged),
      async set(key: string, ...args: unknown[]) {
        state.commands.push(`set ${key}${args.includes('PX') ? ' for a while' : ''}`)
        if (key === FLAG) state.isFlagged = true
      },
      async wait(count: number) {
        state.commands.push(`wait ${count}`)
        await state.beforeAnswer()
        return state.inStep
      },
    }) as unknown as Client
  return Object.assign(state, { connection })
}

function world(ours = server()) {
  const links = {
    writing: ours.connection(),
    own: ours.connection(),
    fault: undefined as Error | undefined,
    time: 0,
  }
  const asking = (client: () => Client) => ({
    async ask<Reply>(question: (client: Client) => Promise<Reply>) {
      if (links.fault) throw links.fault
      return question(client())
    },
  })
  const confirmer = createConfirmer({
    writes: asking(() => links.writing),
    own: asking(() => links.own),
    prefix: 'p:',
    now: () => links.time,
  })
  const write = (key: string) => confirmer.note(links.writing, key)
  return Object.assign(links, { server: ours, confirmer, write })
}

test('a store that never had a replica has none to lose anything to', async (t) => {
  const { server, confirmer, write } = world()
  write('a')
  t.equal(await confirmer.confirm(['a']), true)
  t.same(server.commands, [], 'nobody waits for one')
})

test('what a replica has is confirmed, and what none has is not', async (t) => {
  const { server, confirmer, write } = world()
  Object.assign(server, { replicas: 2, inStep: 1 })
  write('a')
  t.equal(await confirmer.confirm(['a']), true)
  t.same(
    server.commands,
    [`set ${FLAG}`, 'set {a}:echo for a while', 'wait 1'],
    'it asks about a write of its own',
  )
  server.inStep = 0
  t.equal(await confirmer.confirm(['a']), false)
})

test('nobody waits for replicas that did not confirm a moment ago', async (t) => {
  const links = world()
  const { server, confirmer } = links
  Object.assign(server, { replicas: 1, inStep: 0 })
  t.equal(await confirmer.confirm(['a']), false)
  const asked = server.questions
  server.inStep = 1
  links.time += PAUSE_MS - 1
  t.equal(await confirmer.confirm(['a']), false)
  t.equal(server.questions, asked, 'it is not asked')
  links.time += 1
  t.equal(await confirmer.confirm(['a']), true)
})

test('a store that has lost its replicas confirms nothing, whoever asks', async (t) => {
  const { server, confirmer } = world()
  Object.assign(server, { replicas: 1, inStep: 1 })
  t.equal(await confirmer.confirm(['a']), true)
  Object.assign(server, { replicas: 0, inStep: 0 })
  t.equal(await confirmer.confirm(['a']), false)
  t.equal(await world(server).confirmer.confirm(['a']), false, 'also an instance that has just begun')
})

test('what was written by another connection, or on another server, is not confirmed', async (t) => {
  const links = world()
  const { confirmer, write, server: ours } = links
  write('a')
  t.equal(await confirmer.confirm(['a', 'b']), true, 'of what is not known, the server that there is counts')
  links.writing = ours.connection()
  t.equal(await confirmer.confirm(['a']), false, 'the write may be lost with the connection')
  t.equal(await confirmer.confirm(['b', 'a']), false, 'all of them must be')
  t.equal(await confirmer.confirm(['b']), true)
  write('a')
  t.equal(await confirmer.confirm(['a']), true, 'written again')
  links.writing = server(6380).connection()
  t.equal(await confirmer.confirm(['b']), false, 'the one that is asked has not taken the write')
})

test('while the store is away nothing is confirmed, and a mistake of ours is told', async (t) => {
  const links = world()
  links.fault = new StoreUnavailableError()
  t.equal(await links.confirmer.confirm(['a']), false)
  links.fault = new TypeError('a mistake')
  await t.rejects(links.confirmer.confirm(['a']), TypeError)
})

test('the connection that asks is not blamed for what the one that writes does not answer', async (t) => {
  const { confirmer } = createWorldWithoutWrites(t)
  t.equal(await confirmer.confirm(['a']), false)
})

/** The connection of the writes is down, and a question of the other one that fails for it fails the test. */
function createWorldWithoutWrites(t: Test) {
  const client = server().connection()
  const confirmer = createConfirmer({
    writes: { ask: () => Promise.reject(new StoreUnavailableError()) },
    own: {
      async ask(question) {
        const asked = question(client)
        await t.resolves(asked)
        return asked
      },
    },
    prefix: 'p:',
    now: () => 0,
  })
  return { confirmer }
}

test('all who ask before a question is sent share it, and later ones share the next', async (t) => {
  const { server, confirmer } = world()
  Object.assign(server, { replicas: 1, inStep: 1 })
  let answer = () => {}
  server.beforeAnswer = () =>
    new Promise((resolve) => {
      answer = resolve
    })
  const ask = (count: number) => Array.from({ length: count }, (_, i) => confirmer.confirm([`k${i}`]))
  const first = ask(5)
  await turn()
  t.equal(server.questions, 1)
  const second = ask(5)
  await turn()
  t.equal(server.questions, 1, 'what was written meanwhile may not be in the answer')
  answer()
  t.same(await Promise.all(first), Array(5).fill(true))
  await turn()
  t.equal(server.questions, 2)
  server.inStep = 0
  answer()
  t.same(await Promise.all(second), Array(5).fill(false))
})

test('a question that fails does so for those who share it, and not for later ones', async (t) => {
  const { server, confirmer } = world()
  Object.assign(server, { replicas: 1, inStep: 1 })
  server.beforeAnswer = () => Promise.reject(new StoreUnavailableError())
  const first = [confirmer.confirm(['a']), confirmer.confirm(['b'])]
  t.same(await Promise.all(first), [false, false])
  server.beforeAnswer = async () => undefined
  t.equal(await confirmer.confirm(['a']), true)
})

test('while a cluster does not know its servers, nothing is confirmed', async (t) => {
  const cluster = Object.assign(Object.create(Cluster.prototype), { slots: [], nodes: () => [] }) as Client
  const links = world()
  links.own = cluster
  t.equal(await links.confirmer.confirm(['a']), false)
  const writes = world()
  writes.writing = cluster
  writes.write('a')
  t.equal(await writes.confirmer.confirm(['a']), false)
})

test('a server to which no connection was made yet confirms nothing', async (t) => {
  const one = world()
  one.write('a')
  // ioredis knows a server of a cluster before it connects to it.
  one.writing = Object.assign(one.server.connection(), { stream: undefined }) as unknown as Client
  t.equal(await one.confirmer.confirm(['a']), false)
  const other = world()
  other.own = Object.assign(other.server.connection(), { stream: undefined }) as unknown as Client
  t.equal(await other.confirmer.confirm(['a']), false)
})

import { test } from 'tap'
import { readStoreUrl, type StoreAddress } from '../../../../src/stores/redis/address.js'
import type { Client } from '../../../../src/stores/redis/client.js'
import type { Link } from '../../../../src/stores/redis/link.js'
import { checkAddress, checkServer } from '../../../../src/stores/redis/server-checks.js'

const replyError = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' })

/** A link to a server with these settings, whose INFO says so about itself and its replicas. */
function linkTo(info: string, settings: Record<string, string> | Error, replication = ''): Link {
  const client = {
    info: async (section: string) => (section === 'replication' ? replication : info),
    config: async (_get: string, name: string) => {
      if (settings instanceof Error) throw settings
      return name in settings ? [name, settings[name]] : []
    },
  }
  return {
    ask: (question) => question(client as unknown as Client),
    beat: async () => undefined,
    isUp: true,
    close: () => undefined,
  }
}

test('checkServer finds what puts sessions at risk', async (t) => {
  const good = { 'maxmemory-policy': 'noeviction', appendonly: 'yes', save: '' }
  const seen = async (version: string, settings: Record<string, string> | Error) =>
    (await checkServer(linkTo(`# Server\r\nredis_version:${version}\r\n`, settings))).map(({ seen }) => seen)
  t.same(await seen('7.0.15', good), [])
  t.same(await seen('8.2.0', { ...good, appendonly: 'no', save: '3600 1' }), [], 'snapshots are enough')
  t.same(await seen('7.2.4', { ...good, appendonly: 'no' }), [
    'nothing is written to disk, so a restart ends all sessions',
  ])
  t.same(await seen('7.2.4', { ...good, 'maxmemory-policy': 'allkeys-lru' }), [
    'maxmemory-policy is allkeys-lru, so open sessions may be dropped',
  ])
  t.same(await seen('6.2.14', good), ['the server is version 6'])
  t.same(
    await seen('7.2.4', replyError('NOPERM no permissions to run config|get')),
    [],
    'CONFIG is forbidden',
  )
  t.same(await seen('7.2.4', {}), [])
  t.same(await checkServer(linkTo('', good)), [], 'no version reported')
  const [problem] = await checkServer(linkTo('redis_version:6.0.0', good))
  t.equal(problem?.remedy, 'use Redis 7 or later, or Valkey')
})

test('the way to a Sentinel wants TLS and a password', async (t) => {
  const seen = (url: string) => checkAddress(readStoreUrl(url) as StoreAddress).map((problem) => problem.seen)
  const without = (missing: string) => [new RegExp(`^Sentinel is used without ${missing}, so`)]
  t.match(seen('redis://a?sentinel=main'), without('TLS and a password'))
  t.match(seen('redis://user:word@a?sentinel=main'), without('TLS'))
  t.match(seen('rediss://a?sentinel=main'), without('a password'))
  for (const url of ['rediss://:word@a?sentinel=main', 'redis://a', 'redis://a?cluster'])
    t.same(seen(url), [])
})

test('checkServer finds what lets a primary go on that is cut off from its replicas', async (t) => {
  const seen = async (
    settings: Record<string, string>,
    replication = 'role:master\r\nconnected_slaves:2\r\n',
  ) =>
    (
      await checkServer(linkTo('redis_version:7.2.4\r\nredis_mode:standalone\r\n', settings, replication))
    ).map((problem) => `${problem.seen}: ${problem.remedy}`)
  const good = { 'min-replicas-to-write': '1', 'min-replicas-max-lag': '2', 'replica-read-only': 'yes' }
  t.same(await seen(good), [])
  t.match(await seen({ ...good, 'min-replicas-to-write': '0' }), [
    /^a primary that is cut off from its replicas goes on.*set min-replicas-to-write to 1 and min-replicas-max-lag to 2/,
  ])
  t.match(
    await seen({ ...good, 'min-replicas-max-lag': '0' }),
    [/goes on/],
    'no lag at all turns the check off',
  )
  t.match(await seen({ ...good, 'min-replicas-max-lag': '10' }), [
    /^min-replicas-max-lag is 10, .*: set it to 2/,
  ])
  t.match(await seen({ ...good, 'replica-read-only': 'no' }), [/^replica-read-only is no, .*: set it to yes/])
  t.same(await seen({}), [], 'CONFIG tells nothing')
  t.same(
    await seen({ 'min-replicas-to-write': '0' }, 'role:master\r\nconnected_slaves:0\r\n'),
    [],
    'no replica',
  )
})

test('checkServer finds what lets a server go on that is cut off from its cluster', async (t) => {
  const problems = (setting: string) =>
    checkServer(
      linkTo(
        'redis_version:7.2.4\r\nredis_mode:cluster\r\n',
        { 'cluster-allow-reads-when-down': setting, 'min-replicas-to-write': '0' },
        'role:master\r\nconnected_slaves:1\r\n',
      ),
    )
  t.same(await problems('no'), [])
  t.match(await problems('yes'), [{ seen: /^cluster-allow-reads-when-down is yes/, remedy: 'set it to no' }])
})

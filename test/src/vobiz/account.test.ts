import { test } from 'tap'
import { vobizAccount } from '../../../src/vobiz/account.js'
import type { VobizClient } from '../../../src/vobiz/client.js'

/** An API that answers everything with one body. */
const answering =
  (body: unknown): VobizClient =>
  async () => ({ body, date: undefined })

test('an account is read even when the API leaves fields out', async (t) => {
  const sparse = vobizAccount(answering({}), 'MA_1')
  t.same(await sparse.listApplications(), [])
  t.same(await sparse.listNumbers(), [])
  t.equal(await sparse.concurrency(), undefined)

  const { listNumbers } = vobizAccount(
    answering({ items: [{ e164: '+919000000001', application_id: '' }] }),
    'MA_1',
  )
  t.match(await listNumbers(), [
    { country: '', voice: true, blocked: false, trial: false, applicationId: undefined, trunkId: undefined },
  ])
})

test('an empty page ends a list, even if it names a next page', async (t) => {
  const endless = vobizAccount(answering({ objects: [], meta: { next: '/next' } }), 'MA_1')
  t.same(await endless.listApplications(), [])
})

test('applications are read page by page', async (t) => {
  const paths: string[] = []
  const paged: VobizClient = async ({ path }) => {
    paths.push(path)
    const next = path.endsWith('offset=0') ? '/next' : null
    return { body: { objects: [{ app_id: '12345678901234567' }], meta: { next } }, date: undefined }
  }
  t.equal((await vobizAccount(paged, 'MA_1').listApplications()).length, 2)
  t.same(paths, [
    '/Account/MA_1/Application/?limit=100&offset=0',
    '/Account/MA_1/Application/?limit=100&offset=100',
  ])
})

import { createServer } from 'node:http'
import { test } from 'tap'
import { AdminListenError } from '../../src/listen.js'
import { startFailure } from '../../src/start-failure.js'

const listenError = (fields: object) => Object.assign(new Error('listen'), fields)

test('startFailure says which port or host, and what to do', async (t) => {
  const cases: [object, RegExp][] = [
    [
      { code: 'EADDRINUSE', address: '127.0.0.1', port: 8001 },
      /^Port 8001 on 127\.0\.0\.1 is taken .*: end what listens there, or set PORT to another port\.$/,
    ],
    [
      { code: 'EACCES', address: '0.0.0.0', port: 80 },
      /^This user may not listen on port 80 of 0\.0\.0\.0: /,
    ],
    [{ code: 'EADDRNOTAVAIL', address: '10.1.2.3', port: 8001 }, /^10\.1\.2\.3 is not an address of this /],
    [{ code: 'EAFNOSUPPORT', address: '::1', port: 8001 }, /^::1 is not an address of this .* set HOST to /],
    [
      { code: 'ENOTFOUND', hostname: 'mask.invalid' },
      /^The host name mask\.invalid is not known .*ENOTFOUND/,
    ],
    [{ code: 'EAI_AGAIN', hostname: 'mask.invalid' }, /^The host name mask\.invalid is not .* set HOST to /],
  ]
  for (const [fields, words] of cases) {
    const text = startFailure(listenError(fields))
    t.match(text, words)
    t.notMatch(text, '\n', 'one line')
  }
})

test('startFailure understands the errors that Node really throws', async (t) => {
  const listening = createServer()
  t.teardown(() => listening.close())
  const failure = (host: string, port: number) =>
    new Promise((resolve) => createServer().once('error', resolve).listen(port, host))
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as { port: number }
  t.match(startFailure(await failure('127.0.0.1', port)), `Port ${port} on 127.0.0.1 is taken`)
  t.match(startFailure(await failure('192.0.2.1', 0)), '192.0.2.1 is not an address of this machine')
})

test('startFailure quotes nothing of an unknown error', async (t) => {
  const text = startFailure(new RangeError('918888800001'))
  t.match(text, /^This is a bug in callmask, please report it: RangeError\n {4}at /)
  t.notMatch(text, '918888800001')
  t.equal(startFailure('918888800001'), 'This is a bug in callmask, please report it: string\n')
})

test('startFailure says which of the two listeners it is', async (t) => {
  const failure = (fields: object) => startFailure(new AdminListenError(listenError(fields)))
  t.match(
    failure({ code: 'EADDRINUSE', address: '127.0.0.1', port: 1 }),
    'or set ADMIN_PORT to another port.',
  )
  t.match(failure({ code: 'EACCES', address: '0.0.0.0', port: 80 }), ': set ADMIN_PORT to 1024 or more.')
  t.match(failure({ code: 'EADDRNOTAVAIL', address: '10.1.2.3' }), ': set ADMIN_HOST to 127.0.0.1')
  t.match(failure({ code: 'ENOTFOUND', hostname: 'mask.invalid' }), ': set ADMIN_HOST to 127.0.0.1')
  t.match(failure({ code: 'EOTHER' }), /^This is a bug in callmask, please report it: AdminListenError\n/)
})

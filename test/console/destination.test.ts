import { test } from 'tap'
import { destination } from '../../console/destination.js'

test('a way leads to a page of the console', async (t) => {
  for (const to of [
    '/console',
    '/console/',
    '/console?x=1',
    '/console/sessions?status=open&from=',
    '/console/calls/c%2F1',
  ])
    t.equal(destination(to), to)
  t.equal(destination('/console/a b/"é'), '/console/a%20b/%22%C3%A9', 'as it can stand in a header')
  t.equal(destination('/console\\evil'), '/console/evil', 'on this very host, as a browser reads it')
  t.equal(destination('//evil.example/console/calls'), '/console/calls', 'nothing is kept of a host')
  t.equal(destination('/console/sessions#x'), '/console/sessions')
  t.equal(destination('/console/x\r\nset-cookie: a=b'), '/console/xset-cookie:%20a=b')
})

test('and never to anybody else', async (t) => {
  const elsewhere = [
    '',
    'console',
    'https://evil.example/console',
    'https://here.invalid/console',
    '//evil.example/console',
    '///evil.example/console',
    '/\\evil.example/console',
    '/\t/evil.example/console',
    '\\\\evil.example',
    '/console.evil',
    '/console/../../v1/status',
    '/console/..//evil.example',
    '/consolex',
    '/v1/status',
    'javascript:alert(1)',
    '//[',
    '/console@evil.example',
  ]
  for (const to of elsewhere) t.equal(destination(to), '/console', to)
})

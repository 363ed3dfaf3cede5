import { test } from 'tap'
import { readHours } from '../../../src/config/hours.js'
import { DAYS } from '../../../src/masking/call-options.js'

test('hours are read from one line', async (t) => {
  const cases: [string, object][] = [
    [
      'mon-fri,sun 09:00-21:00 Asia/Kolkata',
      {
        days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sun'],
        from: '09:00',
        to: '21:00',
        timeZone: 'Asia/Kolkata',
      },
    ],
    ['  sat 22:00-06:00 UTC ', { days: ['sat'], from: '22:00', to: '06:00', timeZone: 'UTC' }],
    ['fri-mon 00:00-23:59 UTC', { days: ['mon', 'fri', 'sat', 'sun'] }],
    ['mon-sun 09:00-21:00 Etc/GMT+5', { days: DAYS, timeZone: 'Etc/GMT+5' }],
    ['tue-mon 09:00-21:00 UTC', { days: DAYS }],
    ['wed,mon,mon-tue 09:00-21:00 UTC', { days: ['mon', 'tue', 'wed'] }],
    ['mon-mon 09:00-21:00 UTC', { days: ['mon'] }],
  ]
  for (const [text, hours] of cases) t.match(readHours(text), hours, text)
})

test('what is no hours is not read', async (t) => {
  const wrong = [
    '',
    'always',
    '09:00-21:00 Asia/Kolkata',
    'mon-fri 09:00-21:00',
    'mon-fri 9:00-21:00 UTC',
    'mon-fri 09:00-24:00 UTC',
    'mon-fri 09:60-21:00 UTC',
    'mon-fri 09:00-09:00 UTC',
    'mon-fri 09:00-21:00 Asia/Nowhere',
    'Mon-Fri 09:00-21:00 UTC',
    'monday 09:00-21:00 UTC',
    'mon- 09:00-21:00 UTC',
    '-mon 09:00-21:00 UTC',
    'mon-tue-wed 09:00-21:00 UTC',
    'mon,,tue 09:00-21:00 UTC',
    'mon,xyz 09:00-21:00 UTC',
    'mon-fri 09:00-21:00 UTC 10:00-11:00 UTC',
  ]
  for (const text of wrong) t.equal(readHours(text), undefined, text)
})

import { test } from 'tap'
import {
  DAYS,
  type Day,
  type Hours,
  isAudio,
  isPrompt,
  isTimeZone,
  isWithin,
} from '../../../src/masking/call-options.js'

const EVERY_DAY: Hours = { days: DAYS, from: '09:00', to: '21:00', timeZone: 'Asia/Kolkata' }

/** A moment by the clock of UTC. The first of September 2026 is a Tuesday. */
function at(text: string): number {
  return Date.parse(`${text}Z`)
}

test('hours begin and end on the minute, by the clock of their time zone', async (t) => {
  const cases: [string, boolean][] = [
    ['2026-09-01T03:29:59.999', false],
    ['2026-09-01T03:30:00', true],
    ['2026-09-01T12:00:00', true],
    ['2026-09-01T15:29:59.999', true],
    ['2026-09-01T15:30:00', false],
    ['2026-09-01T20:00:00', false],
  ]
  for (const [moment, isIn] of cases) t.equal(isWithin(EVERY_DAY, at(moment)), isIn, moment)
})

test('hours hold on their days alone, by the calendar of their time zone', async (t) => {
  for (const [i, day] of DAYS.entries()) {
    const hours: Hours = { days: [day], from: '00:00', to: '23:59', timeZone: 'Asia/Kolkata' }
    // From Monday, the last of August, on: half past midnight in India is still the evening before in UTC.
    for (const [j] of DAYS.entries()) {
      const moment = at('2026-08-30T19:00:00') + j * 24 * 60 * 60 * 1_000
      t.equal(isWithin(hours, moment), i === j, `${day}, ${new Date(moment).toISOString()}`)
    }
  }
})

test('hours that end before they begin end on the next day', async (t) => {
  const days: Day[] = ['fri', 'sun']
  const night: Hours = { days, from: '22:00', to: '06:00', timeZone: 'UTC' }
  const cases: [string, boolean][] = [
    ['2026-09-04T21:59:59', false],
    ['2026-09-04T22:00:00', true],
    ['2026-09-05T00:00:00', true],
    ['2026-09-05T05:59:59', true],
    ['2026-09-05T06:00:00', false],
    ['2026-09-05T22:00:00', false],
    ['2026-09-06T05:00:00', false],
    ['2026-09-06T23:00:00', true],
    ['2026-09-07T05:00:00', true],
    ['2026-09-04T05:00:00', false],
  ]
  for (const [moment, isIn] of cases) t.equal(isWithin(night, at(moment)), isIn, moment)
})

test('hours follow the clocks where those are changed in summer', async (t) => {
  const berlin: Hours = { days: DAYS, from: '09:00', to: '17:00', timeZone: 'Europe/Berlin' }
  // The clocks go forward on the 29th of March, and back on the 25th of October.
  const cases: [string, boolean][] = [
    ['2026-03-28T07:59:00', false],
    ['2026-03-28T08:00:00', true],
    ['2026-03-29T06:59:00', false],
    ['2026-03-29T07:00:00', true],
    ['2026-03-29T15:00:00', false],
    ['2026-10-24T07:00:00', true],
    ['2026-10-25T07:00:00', false],
    ['2026-10-25T08:00:00', true],
    ['2026-10-25T15:59:00', true],
  ]
  for (const [moment, isIn] of cases) t.equal(isWithin(berlin, at(moment)), isIn, moment)
  // Half past two comes twice that night, and never the other one.
  const night: Hours = { ...berlin, from: '02:00', to: '03:00' }
  for (const moment of ['2026-10-25T00:30:00', '2026-10-25T01:30:00']) t.ok(isWithin(night, at(moment)))
  for (let minute = 0; minute < 240; minute += 1)
    t.notOk(isWithin(night, at('2026-03-29T00:00:00') + minute * 60 * 1_000))
})

test('a time zone has a name of the database', async (t) => {
  for (const name of ['Asia/Kolkata', 'UTC', 'Etc/GMT+5', 'America/Argentina/Buenos_Aires'])
    t.ok(isTimeZone(name), name)
  for (const name of ['', 'Asia', 'Asia/Nowhere', 'India', '<b>', 'a'.repeat(1_000)])
    t.notOk(isTimeZone(name), name.slice(0, 20))
})

test('a prompt is words that the platform can speak, or an https URL', async (t) => {
  const words = [
    'Hello.',
    'Grüße, 1+1 & <b>',
    'Здравствуйте',
    'Ask for “order #7”, https://a.example says.',
    '12',
  ]
  for (const text of words) t.same([isPrompt(text), isAudio(text)], [true, false], text)
  const urls = ['https://a.example/a.mp3', 'https://a.example:8443/a%20b.wav?x=1']
  for (const text of urls) t.same([isPrompt(text), isAudio(text)], [true, true], text)
  const wrong = [
    'नमस्ते',
    'Hello, वंदना.',
    'வணக்கம்',
    '你好',
    'http://a.example/a.mp3',
    'ftp://a.example/a.mp3',
    'file:///etc/passwd',
    'https://',
    'https:// a',
  ]
  for (const text of wrong) t.notOk(isPrompt(text), text)
})

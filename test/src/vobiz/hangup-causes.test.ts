import { test } from 'tap'
import { causeInWords, TROUBLES, troubleOf } from '../../../src/vobiz/hangup-causes.js'

test('a code of the platform is told in words', async (t) => {
  t.equal(causeInWords('3010'), 'the line was busy')
  t.equal(causeInWords('3030'), 'the masking number shown is not rented from the platform')
  t.equal(causeInWords('6010'), 'nobody answered in time')
  for (const code of [undefined, '', '0', '9999', 'toString', '__proto__', 'constructor'])
    t.equal(causeInWords(code), undefined, String(code))
})

test('every code that may end a call of ours has words, which are plain', async (t) => {
  // From the platform’s page on hangup causes. 0 says nothing, and the others are of verbs that we do not use.
  const codes =
    '1000 1010 1020 2000 2010 2020 2030 2040 2050 2060 2070 3000 3010 3020 3030 3040 3050 3070 3080 3090 3100 3110 3120 3130 3140 4000 4010 5000 5010 5020 5030 6000 6010 6020 7011 7012 7022 7032 8011 8012 9000 9100 9110'
  for (const code of codes.split(' ')) t.match(causeInWords(code), /^[a-z][a-z ]+[a-zA-Z]+[a-zA-Z ]*$/, code)
})

test('a code tells of a trouble, or that a call ended as calls do', async (t) => {
  for (const [trouble, codes] of Object.entries(TROUBLES)) {
    for (const code of codes) {
      t.equal(troubleOf(code), trouble)
      t.type(causeInWords(code), 'string', 'it is one that the platform explains')
    }
  }
  for (const code of ['3000', '4000', 'x', undefined]) t.equal(troubleOf(code), undefined)
})

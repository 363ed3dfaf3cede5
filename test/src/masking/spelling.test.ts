import { test } from 'tap'
import { MAX_DIGITS, readings, readSpelling } from '../../../src/masking/spelling.js'

test('readSpelling', async (t) => {
  const cases: [text: string, digits: string, international: boolean][] = [
    ['918888800001', '918888800001', false],
    ['+918888800001', '918888800001', true],
    ['00918888800001', '918888800001', true],
    ['+91 88888 00001', '918888800001', true],
    ['+91 (88888)-00.001', '918888800001', true],
    ['(+91) 88888/00001', '918888800001', true],
    [' 918888800001', '918888800001', false],
    ['\u202a+91\u00a088888\u201100001\u202c', '918888800001', true],
    ['08888800001', '08888800001', false],
    ['1'.repeat(MAX_DIGITS), '1'.repeat(MAX_DIGITS), false],
    ['tel:+91-88888-00001', '918888800001', true],
    ['TEL:+91(88888)00001', '918888800001', true],
    [' tel:+918888800001 ', '918888800001', true],
    ['tel:08888800001', '08888800001', false],
    ['tel:+91-88888-00001;phone-context=+1;x=ext', '918888800001', true],
    ['tel:88888-00001;phone-context=+91', '918888800001', true],
    ['tel:88888-00001;Phone-Context=+91;x=1', '918888800001', true],
  ]
  for (const [text, digits, international] of cases) {
    t.same(readSpelling(text), { digits, international }, `reads ${JSON.stringify(text)}`)
  }
  const others = [
    '',
    ' ',
    '+',
    'anonymous',
    'Restricted',
    'sip:918888800001@example.com',
    '91888+8800001',
    '++91',
    'tel:',
    'tel:anonymous',
    'tel:+91-88888-00001;ext=12',
    'tel:+91-88888-00001;a=b;ISUB=1',
    'tel:88888-00001;phone-context=example.com',
    'tel:+91-88888-00001,tel:+91-88888-00002',
    'tel:tel:+918888800001',
    'telephone:+918888800001',
    '+918888800001;phone-context=+91',
  ]
  for (const text of [...others, '٩١٨٨٨٨٨', '1'.repeat(MAX_DIGITS + 1)]) {
    t.equal(readSpelling(text), undefined, `finds no number in ${JSON.stringify(text)}`)
  }
})

test('readings', async (t) => {
  const read = (text: string, country = '91') => {
    const spelling = readSpelling(text)
    return spelling && readings(spelling, country)
  }
  t.same(read('+918888800001'), ['918888800001'], 'an international spelling means one number')
  t.same(read('918888800001'), ['918888800001', '91918888800001'], 'bare digits may be whole or national')
  t.same(read('08888800001'), ['08888800001', '9108888800001', '918888800001'], 'a 0 may be a trunk 0')
  t.same(
    read('8888800001', '1'),
    ['8888800001', '18888800001'],
    'a national number is read in the given country',
  )
})

import fc from 'fast-check'
import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { test } from 'tap'
import { dial, hangup, number, response, speak, type VobizDocument } from '../../../src/vobiz/document.js'
import { renderDocument } from '../../../src/vobiz/render.js'
import { DECLARATION } from '../../fixtures.js'

test('renderDocument writes the compact form', async (t) => {
  const cases: [VobizDocument, string][] = [
    [response(), '<Response/>'],
    [response(hangup()), '<Response><Hangup/></Response>'],
    [response(hangup('busy')), '<Response><Hangup reason="busy"/></Response>'],
    [
      response(speak('Hello & "goodbye" <now>'), hangup('rejected')),
      '<Response><Speak>Hello &amp; &quot;goodbye&quot; &lt;now&gt;</Speak><Hangup reason="rejected"/></Response>',
    ],
    [
      response(dial({ callerId: '1"2', timeout: 30 }, number('3'), number('4'))),
      '<Response><Dial callerId="1&quot;2" timeout="30"><Number>3</Number><Number>4</Number></Dial></Response>',
    ],
  ]
  for (const [document, xml] of cases) t.equal(renderDocument(document), DECLARATION + xml)
})

test('characters that XML 1.0 forbids are left out', async (t) => {
  for (const forbidden of ['\0', '\b', '\x1f', '\ufffe', '\uffff', '\ud800', '\udfff']) {
    const xml = renderDocument(response(speak(`a${forbidden}b`)))
    t.equal(xml, `${DECLARATION}<Response><Speak>ab</Speak></Response>`, JSON.stringify(forbidden))
  }
  t.match(renderDocument(response(speak('नमस्ते 🙂'))), 'नमस्ते 🙂', 'and everything else stays')
})

/** The elements of a document in order, with the names of their attributes, by a strict parser. */
function structure(xml: string): string[] {
  const found: string[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }: SaxesTagPlain) =>
    found.push(`<${name} ${Object.keys(attributes)}>`),
  )
  parser.on('closetag', ({ name }) => found.push(`</${name}>`))
  parser.write(xml).close()
  return found
}

test('no value in any field changes the structure', async (t) => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })
      .map((units) => String.fromCharCode(...units)),
    fc.constantFrom(
      '<Hangup/>',
      '</Speak><Dial>',
      ']]>',
      '<![CDATA[',
      '<!--',
      '-->',
      '" onx="1',
      "' onx='1",
      '&amp;',
      '&#0;',
      '&lt',
      '<?xml?>',
      '<!DOCTYPE a>',
      '\r\n\t',
      '\0',
      '\ud83d',
      '__proto__',
    ),
  )
  const values = fc.array(hostile, { minLength: 3, maxLength: 3 })
  const document = ([a = '', b = '', c = '']: string[]) =>
    response(dial({ callerId: a, timeout: 30 }, number(b)), speak(c), hangup('rejected'))

  const expected = structure(renderDocument(document(['1', '2', '3'])))
  fc.assert(
    fc.property(values, (texts) => {
      return structure(renderDocument(document(texts))).join() === expected.join()
    }),
    { numRuns: 5_000 },
  )
  t.pass('5,000 hostile documents')
})

test('a parser reads back the text that was written', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (text) => {
      let read = ''
      const parser = new SaxesParser()
      parser.on('text', (piece) => {
        read += piece
      })
      parser.write(renderDocument(response(speak(text)))).close()
      return read === text
    }),
  )
  t.pass()
})

import { test } from 'tap'
import { inLines } from '../../../console/parts/document.js'
import { renderDocument } from '../../../src/vobiz/render.js'

test('each element of a document stands on a line of its own, in what it belongs to', async (t) => {
  const document = renderDocument({
    name: 'Response',
    content: [
      { name: 'Speak', attributes: { language: 'en-IN' }, content: 'One <two> & "three".' },
      { name: 'Record', attributes: { action: 'https://a.example.com/?a=1&b=>' } },
      {
        name: 'Dial',
        attributes: { callerId: '+919000000011' },
        content: [{ name: 'Number', content: '…02' }],
      },
      { name: 'Hangup' },
    ],
  } as unknown as Parameters<typeof renderDocument>[0])
  t.same(inLines(document).split('\n'), [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Response>',
    '  <Speak language="en-IN">One &lt;two&gt; &amp; &quot;three&quot;.</Speak>',
    '  <Record action="https://a.example.com/?a=1&amp;b=&gt;"/>',
    '  <Dial callerId="+919000000011">',
    '    <Number>…02</Number>',
    '  </Dial>',
    '  <Hangup/>',
    '</Response>',
  ])
  t.equal(inLines('<Response/>'), '<Response/>')
})

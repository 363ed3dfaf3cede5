import { test } from 'tap'
import { heardIn } from '../../../src/simulator/heard.js'
import { dial, gather, hangup, number, play, response, speak, wait } from '../../../src/vobiz/document.js'
import { renderDocument } from '../../../src/vobiz/render.js'
import { acknowledgement, apologyReply } from '../../../src/vobiz/replies.js'

test('heardIn reads what a document does, in its order', async (t) => {
  t.same(heardIn(acknowledgement), { words: [], isRecorded: false })
  t.same(heardIn(apologyReply).words, [
    'Sorry, we cannot connect your call right now. Please try again in a moment.',
  ])
  const before = [play('https://a.example.com/1.mp3?a=1&b=2'), wait(1), speak(' <Ride> 007 & "you" ')]
  const rings = dial({ callerId: '+919000000012', timeout: 30 }, number('…02'))
  t.same(heardIn(renderDocument(response(...before, rings))), {
    words: ['https://a.example.com/1.mp3?a=1&b=2', ' <Ride> 007 & "you" '],
    isRecorded: false,
    dial: { number: '…02', callerId: '+919000000012', asksForWhisper: false, asksAtEnd: false },
  })
  const question = gather(
    {
      action: 'https://…',
      inputType: 'dtmf',
      numDigits: 4,
      finishOnKey: '#',
      executionTimeout: 1,
      log: false,
    },
    speak('PIN?', { language: 'en-IN' }),
  )
  t.same(heardIn(renderDocument(response(question, speak('Nothing.'), hangup()))).words, ['PIN?', 'Nothing.'])
})

import { test } from 'tap'
import { readDocument } from '../../../src/checkup/carrier.js'

const read = (document: string) => readDocument({ contentType: 'application/xml; charset=utf-8', document })

test('readDocument reads what callmask writes, and nothing else', (t) => {
  t.equal(readDocument({ contentType: 'text/html', document: '<Response/>' }), undefined)
  t.equal(read('<Response>'), undefined)
  t.equal(read('<html/>'), undefined)
  t.match(read('<Response/>'), { callerId: undefined, destination: undefined, words: undefined })
  t.match(read('<Response><Speak voice="MAN">One.</Speak><Play>https://a/b.mp3</Play><Hangup/></Response>'), {
    words: 'One. https://a/b.mp3',
  })
  t.match(read('<Response><Gather action="https://a"><Speak>Your PIN?</Speak></Gather></Response>'), {
    words: 'Your PIN?',
    urls: { digits: 'https://a' },
  })
  t.match(read('<Response><Gather action="https://a"/></Response>'), { words: undefined })
  t.match(
    read(
      '<Response><Record action="https://r" callbackUrl="https://s"/><Dial callerId="+91" action="https://d" callbackUrl="https://l" confirmSound="https://w"><Number>+92</Number></Dial></Response>',
    ),
    {
      callerId: '+91',
      destination: '+92',
      urls: {
        recording: 'https://r',
        recorded: 'https://s',
        dialled: 'https://d',
        leg: 'https://l',
        whisper: 'https://w',
      },
    },
  )
  t.end()
})

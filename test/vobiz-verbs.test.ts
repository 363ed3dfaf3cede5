import { test } from 'tap'
import { DECLARATION } from './fixtures.js'
import { judge, MAX_DOCUMENT, type Use } from './vobiz-verbs.js'

const DIAL = '<Dial callerId="+919000000001" timeout="30"><Number>+918888800001</Number></Dial>'
const RECORD = '<Record recordSession="true" maxLength="60"/>'

test('the judge of documents finds nothing wrong with good ones', async (t) => {
  const good: [content: string, use?: Use][] = [
    [DIAL],
    [`<Speak>Hello &amp; welcome.</Speak>${RECORD}${DIAL}<Hangup/>`],
    ['<Hangup reason="busy"/>'],
    ['<Gather action="https://a.example/x" log="false" finishOnKey=""><Speak>PIN?</Speak></Gather><Hangup/>'],
    ['<PreAnswer><Play>https://a.example/a.mp3</Play></PreAnswer><Hangup/>'],
    ['<Redirect>https://a.example/x</Redirect>'],
    ['<Speak language="en-IN" voice="MAN">Hello.</Speak><Wait length="1"/>', 'whisper'],
    ['', 'whisper'],
    ['', 'event'],
  ]
  for (const [content, use] of good)
    t.same(judge(`${DECLARATION}<Response>${content}</Response>`, use), [], content)
})

test('the judge of documents finds what the platform would not accept', async (t) => {
  const bad: [content: string, wrong: string | RegExp, use?: Use][] = [
    ['<Speak>a & b</Speak><Hangup/>', /^it is no XML/],
    ['<Speak>\u{1}</Speak><Hangup/>', /^it is no XML/],
    ['<Speak>a<Hangup/>', /^it is no XML/],
    ['<GetDigits/><Hangup/>', 'there is no verb GetDigits'],
    ['<hangup/>', 'there is no verb hangup'],
    ['<Hangup because="1"/>', 'Hangup: because is no attribute of it'],
    ['<Hangup constructor="1"/>', 'Hangup: constructor is no attribute of it'],
    ['<Hangup reason="unknown_number"/>', 'Hangup: reason is not one of rejected, busy'],
    ['<Hangup>now</Hangup>', 'Hangup: its text is not taken'],
    ['<Speak language="hi-IN">a</Speak><Hangup/>', /^Speak: language is not one of/],
    ['<Speak> </Speak><Hangup/>', 'Speak: its text is empty'],
    ['<Play>/a.mp3</Play><Hangup/>', 'Play: its text is no https URL'],
    ['<Play>http://a.example/a.mp3</Play><Hangup/>', 'Play: its text is no https URL'],
    [DIAL.replace(' timeout="30"', ''), 'Dial: timeout is missing'],
    [DIAL.replace('"30"', '"0"'), /^Dial: timeout is no whole number from 1/],
    [DIAL.replace('"30"', '"30" timeLimit="1.5"'), /^Dial: timeLimit is no whole number/],
    [DIAL.replace('"30"', '"30" action="/dialled/x"'), 'Dial: action is no https URL'],
    [DIAL.replace('"30"', '"30" sipHeaders="a=b"'), 'Dial: sipHeaders has a key that does not end in X-VH'],
    [DIAL.replace('+919000000001', '09000000001'), 'Dial: callerId is no number in E.164'],
    [DIAL.replace(/<Number.*Number>/, ''), 'Dial: there is nobody to be called'],
    [DIAL.replace('<Number>', '<Speak>Hi.</Speak><Number>'), 'Speak cannot stand in Dial'],
    [`${DIAL}${RECORD}<Hangup/>`, 'Record stands after the Dial that it is to record'],
    [`${RECORD}${RECORD}${DIAL}`, 'each Record is a file of its own'],
    [`${RECORD}<Gather action="https://a.example/"/><Hangup/>`, 'Record would hear the digits of a Gather'],
    [`<Record/>${DIAL}`, 'Record: maxLength is missing'],
    ['<Gather action="https://a.example/"><Wait/></Gather><Hangup/>', 'Wait cannot stand in Gather'],
    ['<Gather executionTimeout="61" action="https://a.example/"/><Hangup/>', /^Gather: executionTimeout/],
    ['<Gather/><Hangup/>', 'Gather: action is missing'],
    ['<Number>+918888800001</Number>', 'Number cannot stand in Response'],
    ['<Speak>Hello.</Speak><PreAnswer/><Hangup/>', 'PreAnswer is not the first'],
    [`<Hangup/>${DIAL}`, 'nothing comes after Hangup'],
    ['<Speak>Hello.</Speak>', 'nothing ends the call'],
    ['', 'nothing ends the call'],
    [`<Speak>${'a'.repeat(MAX_DOCUMENT)}</Speak><Hangup/>`, 'the document has more than 100 KB'],
    ['<Hangup/>', 'Hangup cannot be heard before two are connected', 'whisper'],
    ['<Hangup/>', 'an event is acknowledged with an empty document', 'event'],
  ]
  for (const [content, wrong, use] of bad) {
    const found = judge(`${DECLARATION}<Response>${content}</Response>`, use)
    t.ok(
      found.some((one) => (typeof wrong === 'string' ? one === wrong : wrong.test(one))),
      `${content.slice(0, 80)}: ${found}`,
    )
  }
  t.same(judge('<Answer/>'), ['its root is Answer'])
  t.match(judge(''), [/^it is no XML/])
})

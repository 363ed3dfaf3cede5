import { test } from 'tap'
import { simulationPart } from '../../../console/pages/simulation.js'
import { en } from '../../../console/texts/en.js'
import { SimulationView } from '../../../src/api/simulation-schemas.js'

test('why is said in the words of the reader’s language, else in those of the API', async (t) => {
  const [view] = SimulationView.examples as [SimulationView]
  const rules = { session: { why: 'They share a session.', todo: '' } }
  const texts = { ...en, why: { ...en.why, rules } } as unknown as typeof en
  const said = (rule: string) =>
    String(simulationPart({ ...view, rule } as SimulationView, { staff: { can: () => true } }, texts))
  t.match(said('session'), '<p class="notice good">They share a session.</p>')
  t.match(said('another_rule'), `<p class="notice good">${view.explanation}</p>`)
})

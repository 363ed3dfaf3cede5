/** Run by itself: posts a file to a URL, each time on a connection of its own. Prints counts as autocannon does. */
import { readFileSync } from 'node:fs'
import { request } from 'node:http'

const [url = '', seconds = '', connections = '', file = '', headers = '{}'] = process.argv.slice(2)
const body = readFileSync(file)
const end = Date.now() + Number(seconds) * 1_000
const counts = { '2xx': 0, '4xx': 0, errors: 0 }

function post(): Promise<keyof typeof counts> {
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent: false, timeout: 5_000, headers: JSON.parse(headers) })
    sent.on('response', (reply) => {
      resolve((reply.statusCode ?? 0) < 300 ? '2xx' : '4xx')
      reply.resume()
    })
    sent.on('timeout', () => sent.destroy())
    // After a reply it changes nothing: the service does not read the rest of a body that it has refused.
    sent.on('error', () => resolve('errors'))
    sent.on('close', () => resolve('errors'))
    sent.setHeader('content-length', body.length)
    sent.end(body)
  })
}

await Promise.all(
  Array.from({ length: Number(connections) }, async () => {
    while (Date.now() < end) counts[await post()] += 1
  }),
)
console.log(JSON.stringify(counts))
process.exit(0)

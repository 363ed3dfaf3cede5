/** From the start of the process to its first answer, beside bare Fastify. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { callBody, FORM } from '../carrier-call.js'
import { onCores, SERVER_CORE } from '../pinning.js'
import { CALL_OF_PAIR, SERVER, WITH_PAIR } from '../service.js'
import { spreadOf } from '../statistics.js'
import { inWords, type Line } from '../table.js'

const STARTS = 21
const BARE = 'bench/bare.mjs'

export async function start(): Promise<Line[]> {
  const [floor, pair]: [number[], number[]] = [[], []]
  for (let i = 0; i < STARTS; i++) {
    floor.push(await msToFirstAnswer(BARE, {}))
    pair.push(await msToFirstAnswer(SERVER, WITH_PAIR))
  }
  const times = spreadOf(pair.map((ms, i) => ms / (floor[i] as number)))
  return [
    { what: 'start of a bare Fastify to its first answer', figure: `${inWords(spreadOf(floor), 0)} ms` },
    {
      what: 'start to the first answer',
      figure: `${inWords(spreadOf(pair), 0)} ms, ${inWords(times, 2)} times as long`,
      bar: '≤ 2.5',
      aim: '≤ 2',
    },
  ]
}

async function msToFirstAnswer(script: string, environment: NodeJS.ProcessEnv): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'callmask-bench-'))
  const [program, ...args] = onCores(SERVER_CORE, [process.execPath, resolve(script)])
  const begun = performance.now()
  const child = spawn(program, args, {
    cwd: directory,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const url = await new Promise<string>((found, failed) => {
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? []
      if (address) found(address)
    })
    child.once('exit', () => failed(new Error(`no server came up:\n${output}`)))
  })
  const body = callBody({ id: randomUUID(), ...CALL_OF_PAIR })
  const reply = await fetch(`${url}/answer`, { method: 'POST', headers: FORM, body })
  const text = await reply.text()
  const ms = performance.now() - begun
  if (!text.includes('<Number>')) throw new Error('the first call was not connected')
  process.off('exit', kill)
  child.removeAllListeners('exit')
  child.kill('SIGTERM')
  await once(child, 'exit')
  await rm(directory, { recursive: true })
  return ms
}

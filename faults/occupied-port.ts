import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'

/** Listens, and then does nothing any more: not even accept. */
const SLEEPER = `require('node:net').createServer().listen({ port: +process.argv[1], host: '127.0.0.1', backlog: 1 }, () => {
  console.log('listening')
  process.kill(process.pid, 'SIGSTOP')
})`
/** As many connections as fill the queue of those that wait to be accepted. */
const FILLERS = 4

/** Lets connections to a port hang, until the function that it returns is called. */
export async function occupyPort(port: number): Promise<() => Promise<unknown>> {
  const sleeper = spawn(process.execPath, ['-e', SLEEPER, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => sleeper.kill('SIGKILL')
  process.on('exit', kill)
  await once(sleeper.stdout, 'data')
  const fillers = Array.from({ length: FILLERS }, () =>
    connect(port, '127.0.0.1').on('error', () => undefined),
  )
  return async () => {
    for (const filler of fillers) filler.destroy()
    const ended = once(sleeper, 'exit')
    kill()
    process.off('exit', kill)
    await ended
  }
}

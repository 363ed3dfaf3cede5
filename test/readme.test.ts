import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import { type Test, test } from 'tap'
import { codeBlocks, readPage } from './markdown.js'
import { freePorts } from './ports.js'

const BIN = new URL('../src/cli/bin.js', import.meta.url).pathname
/** Stands in for npm, because what it would build is compiled already. */
const NPM = `#!/bin/sh\n[ "$1" != start ] || exec '${process.execPath}' '${BIN}' serve\n`
const PORT = /port=\d+/

const paste = codeBlocks(readPage('README.md').text).find((block) => block.includes('curl')) ?? ''
const isMissing = (command: string) => spawnSync(command, ['--version']).error !== undefined

for (const shell of ['sh', 'bash']) {
  const skip = [shell, 'curl'].some(isMissing) && `there is no ${shell} or no curl`
  test(`the README's curl commands work when pasted as a whole into ${shell}`, { skip }, async (t) => {
    const { code, printed } = await run(t, shell)
    const [ready, opened = '', document, closed = ''] = printed.split('\n').filter((line) => line !== '')
    t.equal(ready, '{"status":"ready"}')
    t.match(JSON.parse(opened), { status: 'open', external_id: 'ride-42' })
    t.match(
      document,
      /<Dial callerId="\+91900000001[12]" timeout="30" timeLimit="3600"><Number>\+919800000002<\/Number><\/Dial>/,
    )
    t.match(JSON.parse(closed), { id: JSON.parse(opened).id, status: 'closed' })
    t.equal(code, 0, 'the service was stopped and exited with 0')
  })
}

/** Runs the commands in their own folder and on their own port; again when another process took that first. */
async function run(t: Test, shell: string): Promise<{ code: number; printed: string }> {
  const folder = t.testdir({ npm: NPM })
  spawnSync('chmod', ['+x', join(folder, 'npm')])
  const [port] = await freePorts(1)
  const child = spawn(shell, ['-c', paste.replace(PORT, `port=${port}`)], {
    cwd: folder,
    env: { PATH: [folder, join(process.execPath, '..'), process.env.PATH].join(delimiter), DRAIN_DELAY: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [printed, errors] = ['', '']
  child.stdout.on('data', (data) => {
    printed += data
  })
  child.stderr.on('data', (data) => {
    errors += data
  })
  const [code] = await once(child, 'close')
  return errors.includes('is taken') ? run(t, shell) : { code, printed }
}

import { join } from 'node:path'
import { test } from 'tap'
import { readEnvironment, readEnvironmentFile } from '../../../src/config/environment.js'

test('readEnvironment merges the process’s environment and the file', async (t) => {
  const dir = t.testdir({ '.env': 'PORT=1\nHOST=from-file\n' })
  const file = join(dir, '.env')
  t.match(
    readEnvironment(file, { PORT: '2' }),
    { PORT: '2', HOST: 'from-file' },
    'the process’s environment overrides the file',
  )
  t.same(readEnvironment(join(dir, 'none'), { PORT: '2' }), { PORT: '2' }, 'the file may be absent')
  t.equal(readEnvironment(join(dir, 'none')), process.env)
  t.throws(
    () => readEnvironment(dir),
    { name: 'EnvironmentFileError', message: `The file ${dir} cannot be read (EISDIR): ` },
    'a file that cannot be read is an error',
  )
})

test('readEnvironmentFile has what comes from the file alone', async (t) => {
  const dir = t.testdir({ '.env': 'PORT=1\nHOST=from-file\n' })
  t.same(readEnvironmentFile(join(dir, '.env'), { PORT: '1' }), { HOST: 'from-file' })
  t.same(readEnvironmentFile(join(dir, 'none'), { PORT: '1' }), {})
})

import { readFileSync } from 'node:fs'
import { test } from 'tap'

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const { scripts, allowScripts } = read('package.json')

/** What the service needs, and would compile where none of the packages with its binaries is for the machine. */
const WITH_BINARIES = ['lmdb', 'msgpackr-extract']

test('no dependency may run an install script, and only development dependencies need one', async (t) => {
  const packages = Object.entries(read('package-lock.json').packages) as [
    string,
    { hasInstallScript?: boolean; dev?: boolean; optional?: boolean },
  ][]
  const withScript = packages.filter(([, { hasInstallScript }]) => hasInstallScript)
  for (const [path, { dev }] of withScript) {
    t.equal(allowScripts[nameOf(path)], false, `${nameOf(path)} is denied`)
    t.ok(
      dev || WITH_BINARIES.includes(nameOf(path)),
      `${nameOf(path)} is for development, or is there as a binary`,
    )
  }
  const names = new Set(withScript.map(([path]) => nameOf(path)))
  t.same(Object.keys(allowScripts).sort(), [...names].sort(), 'allowScripts names no others')
})

function nameOf(path: string): string {
  return path.replace(/^.*node_modules\//, '')
}

test('installing the project builds nothing', async (t) => {
  for (const hook of ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare'])
    t.notOk(hook in scripts, hook)
})

test('long-running npm scripts replace their shell, which would not pass signals on', async (t) => {
  for (const name of ['start', 'demo']) t.match(scripts[name], /(^|&& )exec node /, name)
})

import { readFileSync } from 'node:fs'
import { test } from 'tap'

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const { scripts, allowScripts } = read('package.json')

test('no dependency may run an install script, and only development dependencies have one', async (t) => {
  const packages = Object.entries(read('package-lock.json').packages) as [
    string,
    { hasInstallScript?: boolean; dev?: boolean; optional?: boolean },
  ][]
  const withScript = packages.filter(([, { hasInstallScript }]) => hasInstallScript)
  for (const [path, { dev }] of withScript) {
    const name = path.replace(/^.*node_modules\//, '')
    t.equal(allowScripts[name], false, `${name} is denied`)
    t.ok(dev, `${name} is for development`)
  }
  t.same(Object.keys(allowScripts).length, withScript.length, 'allowScripts names no others')
})

test('installing the project builds nothing', async (t) => {
  for (const hook of ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare'])
    t.notOk(hook in scripts, hook)
})

test('long-running npm scripts replace their shell, which would not pass signals on', async (t) => {
  for (const name of ['start', 'demo']) t.match(scripts[name], /(^|&& )exec node /, name)
})

import { readFileSync } from 'node:fs'
import { test } from 'tap'
import { VERSION } from '../../src/package-file.js'

test('VERSION is the version in package.json', async (t) => {
  t.equal(VERSION, JSON.parse(readFileSync('package.json', 'utf8')).version)
  t.match(VERSION, /^\d+\.\d+\.\d+/)
})

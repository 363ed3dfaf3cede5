import { spawnSync } from 'node:child_process'

const isThere = spawnSync('promtool', ['--version']).status === 0

/** Options of a test that needs promtool, which comes with Prometheus: skipped by name where there is none. */
export const withPromtool = { skip: isThere ? false : 'for want of promtool' }

/** What promtool says of something; empty where it finds nothing wrong. */
export function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  return status === 0 ? '' : `${stdout}${stderr}`
}

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { readRepositoryFile } from './markdown.js'
import { freePorts } from './ports.js'
import { until } from './redis-server.js'

const isThere = spawnSync('prometheus', ['--version']).status === 0

/** Options of a test that needs Prometheus: skipped by name where there is none. */
export const withPrometheus = { skip: isThere ? false : 'for want of prometheus' }

/** A Prometheus on the configuration that we ship. */
export interface TestPrometheus {
  /** What its API answers, such as to `query?query=up`. */
  ask(path: string): Promise<PrometheusReply>
}

export interface PrometheusReply {
  readonly status: 'success' | 'error'
  readonly error?: string
  /** Of each question another part. */
  readonly data?: {
    readonly result?: readonly object[]
    readonly activeTargets?: readonly { readonly health: string }[]
    readonly groups?: readonly { readonly rules: readonly object[] }[]
  }
}

/** Starts one that reads the metrics of this instance, and waits until it has. It ends with the test. */
export async function startPrometheus(t: Test, target: string, key: string): Promise<TestPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'callmask-prometheus-'))
  const [port = 0] = await freePorts(1)
  writeFileSync(join(folder, 'key'), key)
  writeFileSync(join(folder, 'alerts.yaml'), readRepositoryFile('deploy/prometheus/alerts.yaml'))
  writeFileSync(join(folder, 'prometheus.yaml'), shipped(target, join(folder, 'key')))
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  t.teardown(async () => {
    process.off('exit', kill)
    const exit = child.exitCode === null && once(child, 'exit')
    kill()
    await exit
    rmSync(folder, { recursive: true, force: true })
  })

  const ask = async (path: string): Promise<PrometheusReply> => {
    const reply = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
    return (await reply.json()) as PrometheusReply
  }
  await until('Prometheus has read the metrics', async () => {
    if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`)
    const targets = await ask('targets').catch(() => undefined)
    return targets?.data?.activeTargets?.[0]?.health === 'up'
  })
  return { ask }
}

/** `deploy/prometheus/prometheus.yaml` for one instance on this machine. Throws where what it changes is not there. */
function shipped(target: string, keyFile: string): string {
  const changes = [
    [/ {10}- callmask-a:8002\n {10}- callmask-b:8002$/m, `          - ${target}`],
    ['/etc/prometheus/callmask-key', keyFile],
    [/(?<=_interval: )15s/g, '1s'],
  ] as const
  let text = readRepositoryFile('deploy/prometheus/prometheus.yaml')
  for (const [from, to] of changes) {
    const changed = text.replace(from, to)
    if (changed === text) throw new Error(`deploy/prometheus/prometheus.yaml has no ${from}`)
    text = changed
  }
  return text
}

import type { WorkerOptions } from 'node:worker_threads'

/** What a thread runs, and how. */
export interface WorkerSource {
  readonly source: string | URL
  readonly options: WorkerOptions
}

/**
 * Finds the module of a thread beside the module that starts it. Where the source runs as it is, as in development, tsx has to
 * be asked for in each thread.
 */
export function workerSource(module: string, name: string): WorkerSource {
  const url = new URL(name, module)
  if (!module.endsWith('.ts')) return { source: url, options: {} }
  const source = url.href.replace(/\.js$/, '.ts')
  const run = `import('tsx/esm/api').then(({ tsImport }) => tsImport('${source}', '${module}'))`
  return { source: run, options: { eval: true } }
}

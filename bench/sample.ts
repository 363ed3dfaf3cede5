import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { type MeasuredProcess, startCommand } from './measured-process.js'
import { PAIR } from './service.js'

/** Debian's, which has python3-fastapi, python3-multipart and uvicorn (with uvloop and httptools) from its packages. */
const PYTHON = '/usr/bin/python3'

/** Starts the platform's sample, rewritten with FastAPI; undefined, and said so, where that is not installed. */
export async function startSample(): Promise<MeasuredProcess | undefined> {
  if (spawnSync(PYTHON, ['-c', 'import fastapi, multipart, uvicorn, uvloop, httptools']).status !== 0) {
    console.error('LEFT OUT: the sample, for want of python3-fastapi, python3-multipart and uvicorn')
    return undefined
  }
  return startCommand([PYTHON, resolve('bench/sample.py')], PAIR)
}

/**
 * Import this before tap, and tap does not follow each promise, which takes a third of the time of a run. It does that to know the
 * test that an error belongs to which nobody caught. Without it such an error still fails the run, but names no test: run its file
 * alone then.
 */
import async_hooks, { type AsyncHook } from 'node:async_hooks'
import { syncBuiltinESMExports } from 'node:module'

const none: AsyncHook = { enable: () => none, disable: () => none }
async_hooks.createHook = () => none
syncBuiltinESMExports()

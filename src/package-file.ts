import { createRequire } from 'node:module'

// By the name of the package, which leads to its root from wherever this file was compiled or installed to.
const require = createRequire(import.meta.url)

/** The version of callmask. */
export const VERSION: string = require('callmask/package.json').version

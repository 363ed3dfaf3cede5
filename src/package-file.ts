import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

// By the name of the package, which leads to its root from wherever this file was compiled or installed to.
const require = createRequire(import.meta.url)
const PACKAGE_FILE = 'callmask/package.json'

/** The version of callmask. */
export const VERSION: string = require(PACKAGE_FILE).version

/** Where callmask is. */
export const PACKAGE_FOLDER = dirname(require.resolve(PACKAGE_FILE))

/** The path of the file with every setting, its reason and its default. */
export const EXAMPLE_FILE = join(PACKAGE_FOLDER, '.env.example')

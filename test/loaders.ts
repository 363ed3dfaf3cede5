/** Node options for a process that a test starts. tap's loaders cost half a second each, and only coverage needs them there. */
export const LOADERS = process.env.COVERAGE === 'full' ? process.execArgv : []

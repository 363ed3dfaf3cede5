import { AjvCompiler } from '@fastify/ajv-compiler'

/**
 * Makes the compilers of what requests must look like, one for each set of options. It is the same for all services of a
 * process: each schema is compiled once, however many of them a test builds.
 */
export const compilerOf = AjvCompiler()

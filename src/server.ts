/** The process of the service, as the image starts it. */
import { serve } from './serve.js'

process.exitCode = await serve()

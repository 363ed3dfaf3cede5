/** The thread that writes: waiting for the disk must not hold up the calls. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { serveWrites } from './serve-writes.js'

serveWrites(parentPort as MessagePort, workerData)

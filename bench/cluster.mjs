// Two processes of the service behind one port, by the cluster module: the first process hands connections to them in turn.
import cluster from 'node:cluster'

const WORKERS = 2

if (cluster.isPrimary) {
  cluster.setupPrimary({ execArgv: [] })
  for (let i = 0; i < WORKERS; i++) cluster.fork()
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM')
    cluster.on('exit', () => Object.keys(cluster.workers).length === 0 && process.exit())
  })
} else {
  await import('../dist/src/server.js')
}

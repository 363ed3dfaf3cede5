import { freePorts } from '../../test/ports.js'
import { startProxy, type TcpProxy } from '../tcp-proxy.js'
import { endServers, type StoreServer, startServer, type Topology } from './topology.js'

/** One server, which the instances reach through a proxy. */
export interface OneServer extends Topology {
  readonly server: StoreServer
  readonly proxy: TcpProxy
}

export async function startOneServer(...options: string[]): Promise<OneServer> {
  const [port = 0] = await freePorts(1)
  const server = await startServer(port, ...options)
  const proxy = await startProxy(port)
  return {
    name: 'one server',
    storeUrl: `redis://127.0.0.1:${proxy.port}`,
    servers: [server],
    server,
    proxy,
    pids: () => [server.service.pid],
    async end() {
      await endServers([server])
      await proxy.close()
    },
  }
}

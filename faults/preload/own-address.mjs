// Loaded into an instance before it starts: its connections come from an address of the loopback that it has for itself,
// so that a proxy can treat it in another way than the others.
import { Socket } from 'node:net'

const localAddress = process.env.FAULT_OWN_ADDRESS
const connect = Socket.prototype.connect

Socket.prototype.connect = function connectFrom(...args) {
  // `net.connect` hands over its arguments as a list of them.
  const [options] = args.flat()
  if (typeof options === 'object' && options?.port) options.localAddress ??= localAddress
  return connect.apply(this, args)
}

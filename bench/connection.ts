import { connect, type Socket } from 'node:net'

/** A reply, as far as the bench looks at it. */
export interface Reply {
  readonly status: number
  readonly body: string
}

/** A connection that is kept, and asked one thing at a time. It is made anew where the server ends it. */
export interface Connection {
  ask(request: Buffer): Promise<Reply>
  close(): void
}

const END_OF_HEAD = '\r\n\r\n'

/**
 * The smallest client that there can be: what it costs is not measured, but a slow one keeps the server waiting and times to
 * the millisecond only.
 */
export function createConnection(port: number): Connection {
  let socket: Socket | undefined
  let received = ''
  let settle: { resolve(reply: Reply): void; reject(error: Error): void } | undefined

  return {
    ask(request) {
      return new Promise((resolve, reject) => {
        settle = { resolve, reject }
        socket ??= open()
        socket.write(request)
      })
    },
    close() {
      socket?.destroy()
    },
  }

  function open(): Socket {
    const opened = connect({ port, host: '127.0.0.1', noDelay: true })
    opened.setEncoding('latin1')
    opened.on('data', take)
    opened.on('error', (error) => settle?.reject(error))
    opened.on('close', () => {
      if (socket !== opened) return
      socket = undefined
      settle?.reject(new Error('the server ended a connection before it replied'))
    })
    return opened
  }

  function take(text: string): void {
    received += text
    const end = received.indexOf(END_OF_HEAD)
    if (end < 0) return
    const head = received.slice(0, end).toLowerCase()
    const begin = end + END_OF_HEAD.length
    const length = Number(/content-length: (\d+)/.exec(head)?.[1])
    if (received.length < begin + length) return
    const body = received.slice(begin, begin + length)
    received = ''
    if (head.includes('connection: close')) {
      socket?.destroy()
      socket = undefined
    }
    const resolve = settle?.resolve
    settle = undefined
    resolve?.({ status: Number(head.slice(9, 12)), body })
  }
}

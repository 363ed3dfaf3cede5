import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../clock.js'
import { LINGER_MS } from '../connections.js'
import { mistakeReply } from './replies.js'

const DOCUMENT = mistakeReply('This request is not valid HTTP.')

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
}

/**
 * Answers, on the bare connection, what is too broken or too slow to become a request, and ends it. Nothing of it is quoted.
 */
export function brokenHttpAnswerer(clock: Clock): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    // The client's own end is not waited for, or it could keep the connection; nor is one that reads nothing.
    const callOff = clock.after(LINGER_MS, () => socket.destroy())
    socket.once('close', callOff)
    socket.end(brokenReply(error), () => socket.destroy())
  }
}

function brokenReply({ code }: NodeJS.ErrnoException): string {
  const status = STATUS_BY_CODE[String(code)] ?? 400
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/xml; charset=utf-8',
    `content-length: ${Buffer.byteLength(DOCUMENT)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${DOCUMENT}`
}

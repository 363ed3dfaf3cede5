import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { mistakeReply } from './replies.js'

const DOCUMENT = mistakeReply('This request is not valid HTTP.')

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
}

/** Answers input that is too broken to become a request, on the bare connection. Quotes nothing of it. */
export function answerBrokenHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = STATUS_BY_CODE[String(error.code)] ?? 400
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/xml; charset=utf-8',
    `content-length: ${Buffer.byteLength(DOCUMENT)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${DOCUMENT}`)
}

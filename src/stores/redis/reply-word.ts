/** What a server's error begins with, where it is one of those that are known. Never its text, which may quote data. */
export type ReplyWord = (typeof WORDS)[number] | 'other'

/** The first words of the errors of Redis, Valkey and their Sentinels and clusters. */
const WORDS = [
  'ASK',
  'BUSY',
  'BUSYKEY',
  'CLUSTERDOWN',
  'CROSSSLOT',
  'DENIED',
  'ERR',
  'EXECABORT',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'MOVED',
  'NOAUTH',
  'NOPERM',
  'NOREPLICAS',
  'NOSCRIPT',
  'OOM',
  'READONLY',
  'TRYAGAIN',
  'UNBLOCKED',
  'WRONGPASS',
  'WRONGTYPE',
] as const

/** Whether a server said this, and not the connection to it or a mistake of ours. */
export function isReply(error: unknown): error is Error {
  return (error as Error).name === 'ReplyError'
}

export function replyWord({ message }: Error): ReplyWord {
  const [first] = message.split(' ', 1)
  return WORDS.find((word) => word === first) ?? 'other'
}

/** Asks for one thing. What is asked in one turn of the event loop is asked together. */
export type Gathered<Question, Answer> = (question: Question) => Promise<Answer>

interface Waiting<Question, Answer> {
  readonly question: Question
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers what is asked in one turn of the event loop. Nobody waits longer for it: what is sent to a server leaves at the end of a
 * turn anyway.
 *
 * @param askAll answers in the order of the questions; where it fails, each of them has failed
 */
export function gathered<Question, Answer>(
  askAll: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): Gathered<Question, Answer> {
  let waiting: Waiting<Question, Answer>[] = []

  async function flush(): Promise<void> {
    const all = waiting
    waiting = []
    try {
      const answers = await askAll(all.map(({ question }) => question))
      for (const [i, { resolve }] of all.entries()) resolve(answers[i] as Answer)
    } catch (error) {
      for (const { reject } of all) reject(error)
    }
  }

  return (question) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ question, resolve, reject }) === 1) setImmediate(flush)
    })
}

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { CDPSession, Page } from 'playwright-core'

/** Scripts that run beside those of a page, in a world of their own, where no rule of the page holds and nothing of it is changed. */
export interface InPage {
  /** The value of an expression, of a promise what it becomes. */
  ask<Value>(expression: string): Promise<Value>
  /** The same for a script of `browser/in-page/`, which is a function. @param args what JSON can say */
  run<Value>(script: Script, ...args: readonly unknown[]): Promise<Value>
  /** What axe finds. */
  axe(rules: AxeRules): Promise<readonly Violation[]>
}

export type Script = 'controls' | 'overflow' | 'texts' | 'appearance'

/** What axe finds wrong, and where. */
export interface Violation {
  readonly id: string
  readonly where: readonly string[]
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
/** `colours`: only what another theme can change. */
export type AxeRules = 'all' | 'colours'
const AXE_OPTIONS: Readonly<Record<AxeRules, object>> = {
  all: {},
  colours: { runOnly: ['color-contrast', 'link-in-text-block'] },
}
const RUN_AXE = `(options) => axe.run(document, options).then(({ violations }) =>
  violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ target }) => target.join(' ')) })))`

/** For the document that a page shows now: after the next one comes, ask for another. */
export async function inPage(page: Page, devTools: CDPSession): Promise<InPage> {
  const { frameTree } = await devTools.send('Page.getFrameTree')
  const { executionContextId } = await devTools.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
  })
  const axe = await readFile(AXE, 'utf8')

  return {
    ask,
    async run(script, ...args) {
      const text = await readFile(new URL(`in-page/${script}.js`, import.meta.url), 'utf8')
      return ask(`(${text.replace(/^;/m, '')})(...${JSON.stringify(args)})`)
    },
    async axe(rules) {
      if (!(await ask('Boolean(globalThis.axe)'))) await ask(`${axe};undefined`)
      return ask(`(${RUN_AXE})(${JSON.stringify(AXE_OPTIONS[rules])})`)
    },
  }

  async function ask<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await devTools.send('Runtime.evaluate', {
      expression,
      contextId: executionContextId,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(`${page.url()}: ${exceptionDetails.exception?.description}`)
    return result.value
  }
}

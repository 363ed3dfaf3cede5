import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import openapiTS, { astToString } from 'openapi-typescript'
import { test } from 'tap'
import ts from 'typescript'
import { API, build } from './helper.js'

/** As strict as this project itself. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
}

test('a client with generated types compiles, and calls every operation', async (t) => {
  const { app } = await build(t, API.environment, undefined, undefined, async () => ({ status: 204 }))
  const document = (await app.inject({ url: '/openapi.json', headers: API.headers })).json()
  const dir = t.testdir({
    'schema.ts': astToString(await openapiTS(document)),
    'client.ts': readFileSync('test/typed-client/client.ts', 'utf8'),
  })
  t.same(compile(join(dir, 'client.ts'), dir), [])

  const { callEverything } = await import(pathToFileURL(join(dir, 'client.js')).href)
  const { statuses, seen, problem } = await callEverything(fetchFrom(app), API.environment.API_KEYS)
  t.same(statuses, {
    createSession: 201,
    listSessions: 200,
    getSession: 200,
    changeSession: 200,
    closeSession: 200,
    listCalls: 200,
    listCallsOfSession: 200,
    summarizeCalls: 200,
    getCall: 404,
    // Without an account there is no carrier to be asked.
    getRecording: 409,
    deleteRecording: 409,
    listNumbers: 200,
    showCapacity: 200,
    addNumbers: 201,
    changeNumber: 200,
    removeNumber: 409,
    searchSessions: 200,
    erasePerson: 200,
    explainCall: 200,
    simulateCall: 200,
    listEvents: 200,
    createWebhook: 201,
    listWebhooks: 200,
    getWebhook: 200,
    changeWebhook: 200,
    rotateWebhookSecret: 200,
    testWebhook: 200,
    redeliverSince: 200,
    listDeliveries: 200,
    redeliver: 404,
    removeWebhook: 200,
    // Without a shared store there are none to be changed.
    createKey: 409,
    listKeys: 200,
    revokeKey: 404,
    compareNumbers: 409,
    showKey: 200,
    listAudit: 200,
    runCheckup: 200,
    getStatus: 200,
  })
  t.same(seen, {
    names: ['ride-42'],
    cursor: null,
    durable: true,
    status: 'closed',
    legs: 0,
    toRent: 4,
    reason: 'not_draining',
    talked: [],
    refused: 0,
    rule: 'session_ended',
    words: ['Sorry, this number is not authorised for your account.'],
    told: 'session.opened',
    isDelivered: true,
    kind: 'memory',
  })
  t.equal(problem, 'participant 1 is not of IN')
})

/** Compiles a file. Returns its errors. */
function compile(file: string, outDir: string): string[] {
  const program = ts.createProgram([file], { ...OPTIONS, outDir })
  const { diagnostics } = program.emit()
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(
    ({ messageText, file, start = 0 }) =>
      `line ${(file?.getLineAndCharacterOfPosition(start).line ?? -1) + 1}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  )
}

/** The service without a network. */
function fetchFrom(app: FastifyInstance) {
  return async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url)
    const payload = await request.text()
    const reply = await app.inject({
      method: request.method as 'GET',
      url: pathname + search,
      headers: Object.fromEntries(request.headers),
      ...(payload !== '' && { payload }),
    })
    return new Response(reply.body, {
      status: reply.statusCode,
      headers: reply.headers as Record<string, string>,
    })
  }
}

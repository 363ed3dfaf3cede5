import { finished } from 'node:stream'
import { json } from 'node:stream/consumers'
import type { FastifyPluginAsync } from 'fastify'
import { PageProblem, type ProblemView } from '../api.js'
import { path } from '../urls.js'

/** What a browser may ask for of a recording. */
const ASKED = ['range', 'if-range'] as const
/** What it is told. That it is to be saved and not played is left out. */
const TOLD = ['content-type', 'content-length', 'content-range', 'accept-ranges'] as const

/** The recordings of calls, to be played in a page: as the API sends them, at the pace of whoever listens. */
const recordings: FastifyPluginAsync = async (app) => {
  app.get<{ Params: { id: string } }>(
    '/calls/:id/recording',
    // All of it would be fetched from the carrier, to be thrown away.
    { exposeHeadRoute: false },
    async ({ headers, params, staff }, reply) => {
      const heard = await staff.api.pass(path`/calls/${params.id}/recording`, some(ASKED, headers))
      // Whoever listens may leave at any moment, or have left: then the carrier has to send no more.
      finished(reply.raw, () => heard.raw.res.destroy())
      const { statusCode: status } = heard
      const body = heard.stream()
      if (status < 400) return reply.code(status).headers(some(TOLD, heard.headers)).send(body)
      reply.headers(some(['content-range'], heard.headers))
      throw new PageProblem(status, (await json(body)) as ProblemView)
    },
  )
}

/** Those headers that are there. */
function some(names: readonly string[], headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  )
}

export default recordings

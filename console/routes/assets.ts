import type { FastifyPluginAsync } from 'fastify'
import Negotiator from 'negotiator'

/** What we can send. */
const ENCODINGS = ['br', 'gzip', 'identity']

/** The files that belong to the pages: styles and scripts. All of them are sent from memory. */
const assets: FastifyPluginAsync = async (app) => {
  app.get<{ Params: { version: string; name: string } }>(
    '/assets/:version/:name',
    { config: { door: 'open', keeps: 'for ever' } },
    async (request, reply) => {
      const { version, name } = request.params
      const asset = version === app.assets.version ? app.assets.find(name) : undefined
      if (!asset) return reply.callNotFound()
      const { encoding, body } = await asset.in(new Negotiator(request).encodings(ENCODINGS))
      if (encoding) reply.header('content-encoding', encoding)
      return reply.header('vary', 'accept-encoding').type(asset.type).send(body)
    },
  )
}

export default assets

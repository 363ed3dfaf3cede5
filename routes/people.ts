import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { readPerson } from '../src/api/person-request.js'
import {
  DEFAULT_FOUND,
  ErasePerson,
  FoundSessionsView,
  ReceiptView,
  SearchSessions,
} from '../src/api/person-schemas.js'
import { foundSessionsView, receiptView } from '../src/api/person-view.js'
import { ProblemError, personOfConfiguration } from '../src/api/problem.js'
import { wholeNumber } from '../src/masking/phone-number.js'

/** Finds what is kept of a person, and erases it. The number is in the body, because URLs stand in logs. */
const people: FastifyPluginAsyncTypebox = async (app) => {
  const { maskingNumbers, participantRules: rules } = app
  const ofPair = new Set(maskingNumbers.fixed.map(({ caller }) => wholeNumber(caller)))

  app.post(
    '/sessions/search',
    {
      schema: {
        operationId: 'searchSessions',
        tags: ['Sessions'],
        summary: 'Find the sessions of a person',
        description:
          'By their real number: open and ended ones, also those in which they were replaced. Those of the static pair are none.',
        body: SearchSessions,
        response: { 200: FoundSessionsView },
      },
      config: {
        operation: {
          scope: 'people:read',
          limit: 'explain',
          replies: { 200: 'The newest of them.' },
          problems: ['invalid_number', 'masking_number_as_participant', 'store_unavailable'],
        },
      },
    },
    async ({ body: { number, limit = DEFAULT_FOUND } }) => {
      const found = await app.people.sessionsOf(readPerson(number, rules), limit)
      return foundSessionsView(found, app.sessions.now())
    },
  )

  app.post(
    '/people/erase',
    {
      schema: {
        operationId: 'erasePerson',
        tags: ['People'],
        summary: 'Erase everything that is kept of a person',
        description:
          'Closes their open sessions and removes whatever names them. Again, it finds nothing. It reads everything that is kept, so it takes time. A request that opens a session with this person and is sent again afterwards opens a new one.',
        body: ErasePerson,
        response: { 200: ReceiptView, 202: ReceiptView },
      },
      config: {
        operation: {
          scope: 'people:erase',
          limit: 'explain',
          replies: {
            200: 'Nothing is kept of the person.',
            202: 'Nothing is kept of the person, but only one server of the store knows that yet: ask again later.',
          },
          problems: [
            'invalid_number',
            'masking_number_as_participant',
            'person_of_configuration',
            'store_unavailable',
          ],
        },
      },
    },
    async (request, reply) => {
      const person = readPerson(request.body.number, rules)
      if (ofPair.has(person)) throw new ProblemError(personOfConfiguration)
      const receipt = await app.people.erase(person)
      return reply.code(receipt.durable ? 200 : 202).send(receiptView(receipt))
    },
  )
}

export default people

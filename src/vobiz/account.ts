import type { VobizClient } from './client.js'

/** An application: where the calls to its numbers ask for instructions. Its id has 17 digits, so it stays text. */
export interface Application {
  readonly app_id: string
  readonly app_name: string
  readonly answer_url: string
  readonly answer_method: string
  readonly hangup_url: string
  readonly hangup_method: string
  readonly fallback_answer_url: string
  readonly fallback_method: string
}

/** What can be set of an application. */
export type ApplicationSettings = Readonly<Partial<Omit<Application, 'app_id'>>>

/** A number of the account. */
export interface AccountNumber {
  readonly e164: string
  readonly country: string
  readonly voice: boolean
  readonly blocked: boolean
  readonly trial: boolean
  readonly applicationId: string | undefined
  readonly trunkId: string | undefined
}

/** The operations on an account that callmask needs, with the API's own paths and their oddities. */
export interface VobizAccount {
  listApplications(): Promise<Application[]>
  createApplication(settings: ApplicationSettings): Promise<string>
  updateApplication(appId: string, settings: ApplicationSettings): Promise<void>
  deleteApplication(appId: string): Promise<void>
  listNumbers(): Promise<AccountNumber[]>
  attach(e164: string, appId: string): Promise<void>
  detach(e164: string): Promise<void>
  /** Calls at once now and at most; undefined where the API does not tell. */
  concurrency(): Promise<{ now: number; max: number } | undefined>
  /** The clock of the API. */
  clock(): Promise<Date | undefined>
}

const APPLICATIONS_PER_PAGE = 100
const NUMBERS_PER_PAGE = 25

export function vobizAccount(request: VobizClient, authId: string): VobizAccount {
  const account = `/Account/${encodeURIComponent(authId)}`
  const get = (path: string) => request({ method: 'GET', path, idempotent: true })
  const numberPath = (e164: string) => `${account}/numbers/${encodeURIComponent(e164)}/application`

  return {
    listApplications: () => applicationsFrom(0),

    async createApplication(settings) {
      // Without a clear answer it may exist: the next run finds it by its name, a second attempt would make another.
      const { body } = await request({
        method: 'POST',
        path: `${account}/Application/`,
        body: settings,
        idempotent: false,
      })
      return String((body as { app_id?: unknown }).app_id)
    },

    async updateApplication(appId, settings) {
      await request({
        method: 'POST',
        path: `${account}/Application/${appId}/`,
        body: settings,
        idempotent: true,
      })
    },

    async deleteApplication(appId) {
      await request({ method: 'DELETE', path: `${account}/Application/${appId}/`, idempotent: true })
    },

    listNumbers: () => numbersFrom(1),

    async attach(e164, appId) {
      await request({
        method: 'POST',
        path: numberPath(e164),
        body: { application_id: appId },
        idempotent: true,
      })
    },

    async detach(e164) {
      await request({ method: 'DELETE', path: numberPath(e164), idempotent: true })
    },

    async concurrency() {
      // Lower case here, unlike everywhere else.
      const { body } = await get(`/account/${encodeURIComponent(authId)}/concurrency`)
      const { concurrent_calls: now, max_concurrent: max } = body as Record<string, unknown>
      return typeof now === 'number' && typeof max === 'number' ? { now, max } : undefined
    },

    async clock() {
      return (await get(`${account}/Application/?limit=1&offset=0`)).date
    },
  }

  /** The applications from an offset to the end, which is where there is no next page. */
  async function applicationsFrom(offset: number): Promise<Application[]> {
    const { body } = await get(`${account}/Application/?limit=${APPLICATIONS_PER_PAGE}&offset=${offset}`)
    const { objects = [], meta } = body as { objects?: Application[]; meta?: { next?: unknown } }
    if (!meta?.next || objects.length === 0) return objects
    return [...objects, ...(await applicationsFrom(offset + APPLICATIONS_PER_PAGE))]
  }

  /** The numbers from a page to the end, which is a page that is not full. */
  async function numbersFrom(page: number): Promise<AccountNumber[]> {
    const { body } = await get(`${account}/numbers?page=${page}&per_page=${NUMBERS_PER_PAGE}`)
    const { items = [] } = body as { items?: WireNumber[] }
    const numbers = items.map(fromWire)
    return items.length < NUMBERS_PER_PAGE ? numbers : [...numbers, ...(await numbersFrom(page + 1))]
  }
}

/** The fields of a number that we read; the API sends many more. */
interface WireNumber {
  readonly e164: string
  readonly country?: string
  readonly capabilities?: { readonly voice?: boolean }
  readonly voice_enabled?: boolean
  readonly application_id?: string | null
  readonly trunk_group_id?: string | null
  readonly is_blocked?: boolean
  readonly is_trial_number?: boolean
}

function fromWire(number: WireNumber): AccountNumber {
  return {
    e164: number.e164,
    country: number.country ?? '',
    voice: number.capabilities?.voice !== false && number.voice_enabled !== false,
    blocked: number.is_blocked === true,
    trial: number.is_trial_number === true,
    applicationId: number.application_id || undefined,
    trunkId: number.trunk_group_id || undefined,
  }
}

import { SCOPES, type Scope } from '../access/scopes.js'
import { entries } from '../config/entries.js'

/** What somebody is who signs in with a provider of identities, and what they may do then. */
export const ROLES = {
  support: ['sessions:read', 'sessions:write', 'people:read', 'explain', 'calls:read'],
  operator: [
    'sessions:read',
    'calls:read',
    'numbers:write',
    'explain',
    'events:read',
    'webhooks:read',
    'webhooks:write',
    'metrics:read',
  ],
  admin: ['admin'],
} as const satisfies Readonly<Record<string, readonly Scope[]>>

export type Role = keyof typeof ROLES

export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[]

/** Which value of a claim means which role. */
export interface RoleRule {
  readonly role: Role
  readonly value: string
}

/** The rules in a text such as `support=desk,admin=callmask-admins`; undefined where it is none. */
export function readRoles(text: string): readonly RoleRule[] | undefined {
  const rules = entries(text).map((entry) => {
    const [role = '', ...value] = entry.split('=')
    return { role: role.trim() as Role, value: value.join('=').trim() }
  })
  const isRight = rules.every(({ role, value }) => ROLE_NAMES.includes(role) && value !== '')
  return rules.length > 0 && isRight ? rules : undefined
}

/** What a claim lets somebody do: all that their roles allow; nothing where it holds none that is known. */
export function scopesOf(claim: unknown, rules: readonly RoleRule[]): readonly Scope[] {
  const values = [claim].flat()
  const allowed = rules.filter(({ value }) => values.includes(value)).flatMap(({ role }) => ROLES[role])
  return SCOPES.filter((scope) => allowed.some((one) => one === scope))
}

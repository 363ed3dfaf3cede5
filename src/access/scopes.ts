/** What a key may be allowed to do. `admin` may do everything, and alone manages keys. */
export const SCOPES = [
  'sessions:read',
  'sessions:write',
  'people:read',
  'people:erase',
  'explain',
  'numbers:write',
  'calls:read',
  'metrics:read',
  'events:read',
  'webhooks:read',
  'webhooks:write',
  'admin',
] as const
export type Scope = (typeof SCOPES)[number]

/** What a route asks of a key: one scope, or `any` key that is valid. */
export type NeededScope = Scope | 'any'

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text)
}

/** Whether a key with these scopes may use a route that needs this one. */
export function allows(scopes: readonly Scope[], needed: NeededScope): boolean {
  return needed === 'any' || scopes.includes('admin') || scopes.includes(needed)
}

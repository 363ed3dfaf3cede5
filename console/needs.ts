import type { Scope } from '../src/access/scopes.js'
import { missingScope, PROBLEM_STATUS } from '../src/api/problem.js'
import { PageProblem } from './api.js'
import type { Staff } from './hooks/staff.js'

/** For a page that asks the API nothing before its form is sent: throws the `PageProblem` that the form would end in. */
export function needs(scope: Scope, staff: Pick<Staff, 'can'>): void {
  const problem = missingScope(scope)
  if (!staff.can(scope)) throw new PageProblem(PROBLEM_STATUS[problem.code], problem)
}

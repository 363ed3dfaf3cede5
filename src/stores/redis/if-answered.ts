import { StoreUnavailableError } from '../../masking/storage.js'

/** The result of some work, or another value when the store does not answer. */
export function ifAnswered<Result, Otherwise>(
  work: Promise<Result>,
  otherwise: Otherwise,
): Promise<Result | Otherwise> {
  return work.catch((error) => {
    if (error instanceof StoreUnavailableError) return otherwise
    throw error
  })
}

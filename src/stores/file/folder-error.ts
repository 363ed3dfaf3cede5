/** Why a folder cannot be the store, and what to do. */
export class StoreFolderError extends Error {
  override readonly name = 'StoreFolderError'
}

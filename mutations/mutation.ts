/** A mistake that the tests must find. */
export interface Mutation {
  /** Below `src/`. */
  readonly file: string
  /** Stands once in the file. */
  readonly from: string
  readonly to: string
  /** What it breaks. */
  readonly breaks: string
}

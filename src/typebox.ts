import type {
  IntegerOptions,
  ObjectOptions,
  StringOptions,
  TInteger,
  TObject,
  TOptional,
  TProperties,
  TSchema,
  TString,
  TUnsafe,
  UnsafeOptions,
} from '@sinclair/typebox'

/** How TypeBox marks what may be absent. */
const OPTIONAL = Symbol.for('TypeBox.Optional')

/**
 * What a start without an API needs of TypeBox's `Type`, and makes the same schemas of the same types. The package itself is 180
 * files, whatever one takes of it, and takes 11 % of the start.
 */
export const Type = {
  String: (options: StringOptions = {}) => as<TString>({ ...options, type: 'string' }),
  Integer: (options: IntegerOptions = {}) => as<TInteger>({ ...options, type: 'integer' }),
  Unsafe: <T>(schema: UnsafeOptions) => as<TUnsafe<T>>(schema),
  Optional: <T extends TSchema>(schema: T) => as<TOptional<T>>({ ...schema, [OPTIONAL]: 'Optional' }),
  Object<T extends TProperties>(properties: T, options: ObjectOptions = {}) {
    const required = Object.entries(properties).flatMap(([name, schema]) => (OPTIONAL in schema ? [] : name))
    return as<TObject<T>>({
      ...options,
      type: 'object',
      ...(required.length > 0 && { required }),
      properties,
    })
  },
}

/** The types know of symbols that only TypeBox's own tools look at. */
function as<T extends TSchema>(schema: object): T {
  return schema as T
}

/** Amounts of money as decimal texts, because binary fractions would not add up. */

/** Digits behind the point that are kept. The carrier has five. */
const PLACES = 9
const DECIMAL = new RegExp(`^\\d{1,12}(\\.\\d{1,${PLACES}})?$`)

/** A decimal as it is kept, of a number or a text as JSON has it; undefined for anything that is no amount. */
export function readDecimal(value: unknown): string | undefined {
  // A tiny number would be written with an exponent.
  const text = typeof value === 'number' && value < 1e-3 ? value.toFixed(PLACES) : String(value)
  return DECIMAL.test(text) ? written(unitsOf(text)) : undefined
}

/** The exact sum. */
export function sumOf(decimals: readonly string[]): string {
  return written(decimals.map(unitsOf).reduce((sum, units) => sum + units, 0n))
}

function unitsOf(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.')
  return BigInt(whole + fraction.padEnd(PLACES, '0'))
}

/** Without zeros at its end. */
function written(units: bigint): string {
  const digits = String(units).padStart(PLACES + 1, '0')
  const fraction = digits.slice(-PLACES).replace(/0+$/, '')
  return `${digits.slice(0, -PLACES)}${fraction === '' ? '' : `.${fraction}`}`
}

/**
 * The smallest whole number that is enough, above 0, where every greater one is too. It is found the sooner, the nearer the guess.
 */
export async function smallestEnough(
  isEnough: (count: number) => Promise<boolean>,
  guess: number,
): Promise<number> {
  let [tooFew, enough] = [0, Number.POSITIVE_INFINITY]
  let next = Math.max(guess, 1)
  for (let step = 1; enough - tooFew > 1; step *= 2) {
    const fits = await isEnough(next)
    if (fits) enough = next
    else tooFew = next
    // In growing steps from there, until it lies between two; then in halves.
    const further = fits ? enough - step : tooFew + step
    next = tooFew < further && further < enough ? further : Math.floor((tooFew + enough) / 2)
  }
  return enough
}

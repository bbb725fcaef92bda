/**
 * Does something for each of many, a slice at a time: in between, whatever else waits has its turn.
 *
 * What fits into one slice is done when this returns.
 */
export async function inSlices<T>(
  all: Iterable<T>,
  each: (one: T) => void,
  sliceSize = 2_000,
): Promise<void> {
  let left = sliceSize
  for (const one of all) {
    if (left === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      left = sliceSize
    }
    each(one)
    left -= 1
  }
}

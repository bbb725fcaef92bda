import { randomFillSync } from 'node:crypto'

/** A number from 0 to 65535 that nobody can predict. */
export type Random = () => number

/** Draws from the system's generator, a block at a time. */
export function createRandom(): Random {
  const block = new Uint16Array(1024)
  let next = block.length
  return () => {
    if (next === block.length) {
      randomFillSync(block)
      next = 0
    }
    next += 1
    return block[next - 1] ?? 0
  }
}

import { isProduct, type TreeFile } from './tree.ts'

export const mostLines = 300
export const mostMedianLines = 80
export const mostUsualLines = 200

/** How long the files are, in lines. */
export interface SizeDistribution {
  readonly files: number
  readonly median: number
  readonly p90: number
  readonly most: number
  readonly total: number
}

export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

export function distributionOf(files: readonly TreeFile[]): SizeDistribution {
  const sizes = files.map(({ text }) => lineCount(text)).sort((a, b) => a - b)
  const at = (share: number) => sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))]
  return {
    files: sizes.length,
    median: at(0.5) ?? 0,
    p90: at(0.9) ?? 0,
    most: sizes.at(-1) ?? 0,
    total: sizes.reduce((sum, size) => sum + size, 0),
  }
}

/** Files that are too long, and a product whose files mostly are. */
export function findSizeFaults(files: readonly TreeFile[]): string[] {
  const long = files
    .filter(({ text }) => lineCount(text) > mostLines)
    .map(({ path, text }) => `${path} has ${lineCount(text)} lines, more than ${mostLines}`)
  const product = files.filter(isProduct)
  const { median, p90 } = distributionOf(product)
  const faults = [...long]
  if (median >= mostMedianLines) faults.push(`the median file of src has ${median} lines`)
  if (p90 >= mostUsualLines) {
    const names = product
      .filter(({ text }) => lineCount(text) >= mostUsualLines)
      .map(({ path }) => path)
      .join(', ')
    faults.push(`a tenth of src has ${p90} lines or more: ${names}`)
  }
  return faults
}

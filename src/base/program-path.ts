import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where a program of ours lies: TypeScript in a checkout, JavaScript in the package. */
export function programPath(source: URL): string {
  return fileURLToPath(source).replace(/\.ts$/, extname(import.meta.url))
}

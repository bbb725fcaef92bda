import { existsSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { programPath } from '../../base/program-path.ts'

/** The checkout, or the package. */
export const packageRoot = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '')

/** Everything that programs of ours are read from. */
export function programPaths(): readonly string[] {
  const [outer = '', ...inner] = packageRoot.split('/node_modules/')
  const packages = inner.length > 0 ? `${outer}/node_modules` : `${packageRoot}/node_modules`
  const real = existsSync(packages) ? [packages, realpathSync(packages)] : []
  return [packageRoot, ...real, process.execPath]
}

/** How a demo starts a program of ours: from where this one lies. */
export function ownProgram(source: URL): readonly string[] {
  return [process.execPath, ...process.execArgv, programPath(source)]
}

const programs: ReadonlyMap<string, URL> = new Map([
  ['meshdns', new URL('../main.ts', import.meta.url)],
  ['meshdns-client', new URL('./client.ts', import.meta.url)],
])

/** Words that are programs of ours, and how each is started. */
export const ownWords: ReadonlyMap<string, readonly string[]> = new Map(
  [...programs].map(([word, source]) => [word, ownProgram(source)]),
)

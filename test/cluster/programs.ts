import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { buildPrograms } from './build-programs.ts'
import { corednsVersion, missingPrograms, programModule, programNames } from './program-names.ts'
import { runProgram } from './run-program.ts'

export interface ClusterNeeds {
  /** The tests also do in a cluster that somebody else uses: in namespaces of their own, and nothing is stopped. */
  readonly takesExisting?: boolean
}

/** A cluster that `npm run test:cluster` was given. */
export function existingKubeconfig(): string | undefined {
  const isMeant = process.env['MESHDNS_TEST_CLUSTER'] === 'existing'
  return isMeant ? process.env['KUBECONFIG'] || undefined : undefined
}

/** Why no cluster can be had here; `false` when one can. Says it aloud, too. */
export async function clusterTestsSkip(needs: ClusterNeeds = {}): Promise<string | false> {
  const reason = await findReason(needs)
  if (reason === undefined) return false
  console.warn(`NOT CHECKED: tests with a cluster ${reason}`)
  return reason
}

async function findReason({ takesExisting = false }: ClusterNeeds): Promise<string | undefined> {
  if (existingKubeconfig() === undefined) return reasonForNone()
  return takesExisting ? undefined : 'need one of their own, not that of KUBECONFIG'
}

/** Why no cluster can be started here. */
export async function reasonForNone(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'need Linux'
  for (const [program, origin] of [
    [etcdProgram(), 'Debian: etcd-server'],
    ['openssl', 'Debian: openssl'],
    ['setpriv', 'Debian: util-linux'],
    ['flock', 'Debian: util-linux'],
  ] as const) {
    if (!(await hasProgram(program))) return `need ${program} (${origin})`
  }
  const given = programFolderGiven()
  if (given !== undefined) {
    const missing = missingPrograms(given)
    if (missing.length === 0) return undefined
    return `need ${missing.join(', ')}, which KUBEBUILDER_ASSETS (${given}) lacks`
  }
  if (missingPrograms(cacheFolder()).length === 0) return undefined
  return reasonAgainstGo()
}

/** The folder with the programs: of `KUBEBUILDER_ASSETS`, or ours, where they are built when they are not there. */
export async function clusterPrograms(): Promise<string> {
  const given = programFolderGiven()
  if (given !== undefined) return given
  const folder = cacheFolder()
  if (missingPrograms(folder).length > 0) await buildPrograms(folder)
  return folder
}

/** Debian has it on the PATH; `KUBEBUILDER_ASSETS` may have another. */
export function etcdProgram(): string {
  const given = join(programFolderGiven() ?? '', 'etcd')
  return existsSync(given) ? given : 'etcd'
}

function programFolderGiven(): string | undefined {
  return process.env['KUBEBUILDER_ASSETS'] || undefined
}

/** Outside of the tree; versions have folders of their own. */
function cacheFolder(): string {
  const hash = createHash('sha256').update(readFileSync(join(programModule, 'go.mod')))
  const key = hash.update(corednsVersion).digest('hex').slice(0, 12)
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(caches, 'meshdns-test-cluster', key)
}

/** Go fetches the version that the module asks for, unless GOTOOLCHAIN says otherwise. */
async function reasonAgainstGo(): Promise<string | undefined> {
  const go = await runProgram(['go', 'env', 'GOVERSION'], { cwd: programModule }).catch(() => {})
  if (go?.code === 0) return undefined
  const [, version] = /^go (\S+)/m.exec(readFileSync(join(programModule, 'go.mod'), 'utf8')) ?? []
  const said = go === undefined ? 'there is none' : go.stderr.trim()
  return `need Go ${version} (${said}), or KUBEBUILDER_ASSETS with ${programNames.join(', ')}`
}

async function hasProgram(name: string): Promise<boolean> {
  const outcome = await runProgram([name, '--version']).catch(() => undefined)
  return outcome !== undefined
}

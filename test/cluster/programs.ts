import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from './run-program.ts'

/** Where the module with Kubernetes' version is. */
const module = fileURLToPath(new URL('./programs', import.meta.url))

const corednsVersion = 'v1.14.7'

/** What a test cluster consists of, besides `etcd`. */
export const programNames = [
  'kube-apiserver',
  'kube-controller-manager',
  'kubectl',
  'coredns',
] as const
export type ProgramName = (typeof programNames)[number]

/** Why no cluster can be had here; `false` when one can. Says it aloud, too. */
export async function clusterTestsSkip(): Promise<string | false> {
  const reason = await findReason()
  if (reason === undefined) return false
  console.warn(`NOT CHECKED: tests with a cluster ${reason}`)
  return reason
}

async function findReason(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'need Linux'
  const etcd = await runProgram(['etcd', '--version']).catch(() => undefined)
  if (etcd?.code !== 0) return 'need etcd (Debian: etcd-server)'
  if (programFolderGiven() !== undefined || isBuilt(cacheFolder())) return undefined
  const go = await runProgram(['go', 'version']).catch(() => undefined)
  return go?.code === 0 ? undefined : 'need Go, or KUBEBUILDER_ASSETS with the programs'
}

/**
 * The folder with the programs; built there once, which takes minutes, and kept outside of the tree.
 * `KUBEBUILDER_ASSETS` names one with programs of another version.
 */
export async function clusterPrograms(): Promise<string> {
  const given = programFolderGiven()
  if (given !== undefined) return given
  const folder = cacheFolder()
  if (isBuilt(folder)) return folder
  process.stderr.write(`building Kubernetes' programs into ${folder}, once: takes minutes\n`)
  const fresh = `${folder}.${process.pid}`
  await mkdir(fresh, { recursive: true })
  try {
    for (const name of programNames) await build(name, fresh)
    await rename(fresh, folder).catch((error: unknown) => {
      // Somebody else was faster.
      if (!isBuilt(folder)) throw error
    })
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  return folder
}

function programFolderGiven(): string | undefined {
  return process.env['KUBEBUILDER_ASSETS'] || undefined
}

function isBuilt(folder: string): boolean {
  return programNames.every((name) => existsSync(join(folder, name)))
}

function cacheFolder(): string {
  const hash = createHash('sha256').update(readFileSync(join(module, 'go.mod')))
  const key = hash.update(corednsVersion).digest('hex').slice(0, 12)
  const caches = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(caches, 'meshdns-test-cluster', key)
}

async function build(name: ProgramName, folder: string): Promise<void> {
  const argv =
    name === 'coredns'
      ? ['go', 'install', `github.com/coredns/coredns@${corednsVersion}`]
      : ['go', 'build', '-mod=readonly', '-trimpath', '-ldflags', linkerFlags()].concat(
          '-o',
          join(folder, name),
          `k8s.io/kubernetes/cmd/${name}`,
        )
  process.stderr.write(`  ${name}\n`)
  const env = { CGO_ENABLED: '0', GOFLAGS: '', GOBIN: folder }
  const { code, stderr } = await runProgram(argv, { cwd: module, env })
  if (code !== 0) throw new Error(`${argv.join(' ')}:\n${stderr}`)
}

/** `kubectl` complains about a server that does not know its version. */
function linkerFlags(): string {
  const text = readFileSync(join(module, 'go.mod'), 'utf8')
  const [, version = '', major, minor] = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\S+)/.exec(text) ?? []
  const place = 'k8s.io/component-base/version'
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor }
  const words = Object.entries(stamps).map(([key, value]) => `-X ${place}.${key}=${value}`)
  return ['-s', '-w', ...words].join(' ')
}

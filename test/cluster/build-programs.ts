import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { LineLog } from '../../src/testing/line-log.ts'
import {
  corednsVersion,
  missingPrograms,
  type ProgramName,
  programModule,
} from './program-names.ts'
import { runProgram } from './run-program.ts'

/** Builds what is not there; one process at a time, and the others find it done. */
export async function buildPrograms(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await using _ = await lock(join(folder, 'lock'))
  const missing = missingPrograms(folder)
  if (missing.length === 0) return
  say(`building ${missing.join(', ')} into ${folder}, once: 7 minutes on two cores`)
  for (const name of missing) {
    const started = performance.now()
    await build(name, folder)
    say(`  ${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`)
  }
}

/** Holds a lock that the kernel takes back when this process ends, however it does. */
async function lock(file: string): Promise<AsyncDisposable> {
  const argv = ['--exclusive', file, 'sh', '-c', 'echo held; exec cat']
  const holder = spawn('flock', argv, { stdio: ['pipe', 'pipe', 'inherit'] })
  await new LineLog(holder.stdout).line(/^held$/)
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end()
      await once(holder, 'close')
    },
  }
}

async function build(name: ProgramName, folder: string): Promise<void> {
  const fresh = join(folder, 'fresh')
  const argv =
    name === 'coredns'
      ? ['go', 'install', '-ldflags', '-s -w', `github.com/coredns/coredns@${corednsVersion}`]
      : ['go', 'build', '-mod=readonly', '-trimpath', '-ldflags', linkerFlags()].concat(
          '-o',
          join(fresh, name),
          `k8s.io/kubernetes/cmd/${name}`,
        )
  const env = { CGO_ENABLED: '0', GOFLAGS: '', GOBIN: fresh }
  const { code, stderr } = await runProgram(argv, { cwd: programModule, env })
  if (code !== 0) throw new Error(`${argv.join(' ')}:\n${stderr}`)
  await rename(join(fresh, name), join(folder, name))
}

/** `kubectl` complains about a server that does not know its version. */
function linkerFlags(): string {
  const text = readFileSync(join(programModule, 'go.mod'), 'utf8')
  const [, version = '', major, minor] = /k8s\.io\/kubernetes (v(\d+)\.(\d+)\.\S+)/.exec(text) ?? []
  const place = 'k8s.io/component-base/version'
  const stamps = { gitVersion: version, gitMajor: major, gitMinor: minor }
  const words = Object.entries(stamps).map(([key, value]) => `-X ${place}.${key}=${value}`)
  return ['-s', '-w', ...words].join(' ')
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

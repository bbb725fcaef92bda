import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../testing/until.ts'
import { findSystemProgram } from './programs.ts'

const path = process.env['PATH'] ?? ''
const host = fileURLToPath(new URL('../testing/sandbox-host.ts', import.meta.url))

function whyNot(): string | undefined {
  for (const name of ['unshare', 'ip', 'nft', 'iptables-restore']) {
    if (findSystemProgram(name, path) === undefined)
      return `SKIPPED LOUDLY: ${name} is not installed`
  }
  const words = ['--user', '--map-root-user', '--net', 'true']
  const { status, stderr } = spawnSync('unshare', words, { encoding: 'utf8' })
  return status === 0 ? undefined : `SKIPPED LOUDLY: no namespaces here: ${stderr}`
}

const skip = whyNot()
if (skip !== undefined) process.stderr.write(`${skip}\n`)

/** Runs a shell line in a sandbox whose relay greets, and whose DNS says 240.240.0.1 to everything. */
function run(line: string, before: readonly string[] = []) {
  const [program, ...words] = [...before, process.execPath, host, 'sh', '-c', line]
  return spawnSync(program, words, { encoding: 'utf8' })
}

/** Runs what follows where the file cannot be executed. */
function without(file: string): string[] {
  const own = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
  const hide = 'mount --bind /dev/null "$0" && exec "$@"'
  return ['unshare', ...own, '--mount', '--', 'sh', '-c', hide, file]
}

/** Processes whose command line holds the text. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false
    try {
      return readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(text)
    } catch {
      return false
    }
  })
}

const greet = (address: string) => `exec 3<>/dev/tcp/${address}/80; cat <&3`

describe('runInSandbox', { skip: skip ?? false }, () => {
  it('carries a connection to any IPv4 or IPv6 address', () => {
    for (const address of ['240.240.0.1', '203.0.113.7', '2001:2::1']) {
      const { stdout, stderr } = run(`bash -c '${greet(address)}'`)
      assert.equal(stdout, 'hello\n', stderr)
    }
  })

  it('passes the exit code on', () => {
    assert.equal(run('exit 7').status, 7)
  })

  it('says of a command that a signal ended which one it was', () => {
    assert.equal(run('kill -TERM $$').status, 128 + 15)
  })

  it('shows the user, the folder and the environment of the caller', () => {
    const { stdout } = run('id -u; pwd; echo "$PATH"')
    assert.equal(stdout, `${process.getuid?.()}\n${process.cwd()}\n${path}\n`)
  })

  it('leaves the host without a trace of the namespace', () => {
    const before = spawnSync('ip', ['-o', 'link'], { encoding: 'utf8' }).stdout
    const own = readlinkSync('/proc/self/ns/net')
    const { stdout } = run('readlink /proc/self/ns/net')
    assert.notEqual(stdout.trim(), own)
    assert.equal(spawnSync('ip', ['-o', 'link'], { encoding: 'utf8' }).stdout, before)
  })

  it('ends what the command left running', () => {
    run('setsid sleep 86397 & sleep 86397 & exit 0')
    assert.deepEqual(processesWith('sleep 86397'), [])
  })

  it('takes everything with it when it is killed', async () => {
    const child = spawn(
      process.execPath,
      [host, 'sh', '-c', 'setsid sleep 86396 & echo up; wait'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    await once(child.stdout, 'data')
    assert.notDeepEqual(processesWith('sleep 86396'), [])
    child.kill('SIGKILL')
    await until(() => processesWith('sleep 86396').length === 0)
  })

  it('passes a signal on to the command', async () => {
    const line = 'trap "exit 5" TERM; echo up; while :; do sleep 0.05; done'
    const child = spawn(process.execPath, [host, 'sh', '-c', line], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    assert.equal(code, 5)
  })

  it('needs no nft where there is iptables', () => {
    const nft = findSystemProgram('nft', path) ?? ''
    const { stdout, stderr } = run(`bash -c '${greet('240.240.0.1')}'`, without(nft))
    assert.equal(stdout, 'hello\n', stderr)
  })
})

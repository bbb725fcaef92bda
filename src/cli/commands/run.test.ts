import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findSystemProgram } from '../../sandbox/programs.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const path = process.env['PATH'] ?? ''

function meshdns(...words: readonly string[]) {
  return spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', cwd: root })
}

const dig = ['dig', '+short', '+time=60']

function inMesh(...command: readonly string[]) {
  return meshdns('run', '-f', 'examples', '--', ...command)
}

function whyNot(): string | undefined {
  for (const name of ['unshare', 'ip', 'nft', 'dig', 'curl']) {
    if (findSystemProgram(name, path) === undefined)
      return `SKIPPED LOUDLY: ${name} is not installed`
  }
  const words = ['--user', '--map-root-user', '--net', 'true']
  const { status, stderr } = spawnSync('unshare', words, { encoding: 'utf8' })
  return status === 0 ? undefined : `SKIPPED LOUDLY: no namespaces here: ${stderr}`
}

const skip = whyNot()
if (skip !== undefined) process.stderr.write(`${skip}\n`)

describe('meshdns run', { skip: skip ?? false, timeout: 600_000 }, () => {
  it('answers over UDP and TCP, A and AAAA', () => {
    for (const transport of ['+notcp', '+tcp']) {
      assert.equal(inMesh(...dig, transport, 'auto.internal').stdout, '240.240.0.1\n')
      const v6 = inMesh(...dig, transport, 'auto.internal', 'AAAA')
      assert.equal(v6.stdout, '2001:2::1\n')
    }
  })

  it('answers the C library', () => {
    const { stdout } = inMesh('getent', 'ahostsv4', 'payments.internal')
    assert.match(stdout, /^240\.240\.0\.3 +STREAM/)
  })

  it('answers whatever server the command asks', () => {
    const { stdout } = inMesh(...dig, '@203.0.113.9', 'auto.internal')
    assert.equal(stdout, '240.240.0.1\n')
  })

  it('passes words, exit code and output of the command on', () => {
    const { status, stdout } = inMesh('sh', '-c', 'echo "$1"; exit 9', 'sh', '--version')
    assert.deepEqual([status, stdout], [9, '--version\n'])
  })

  it('needs no -- where no word of the command could be ours', () => {
    const { stdout } = meshdns('run', '-f', 'examples', ...dig, '-t', 'A', 'auto.internal')
    assert.equal(stdout, '240.240.0.1\n')
  })

  it('ends as a shell would when there is no such command', () => {
    const { status, stderr } = inMesh('no-such-command')
    assert.match(
      stderr,
      /^error\[SANDBOX_COMMAND_NOT_FOUND\]: command not found: no-such-command\n/,
    )
    assert.equal(status, 127)
  })

  it('does not run the command when a file is not there', () => {
    const { status, stdout, stderr } = meshdns('run', '-f', 'absent', '--', 'echo', 'ran')
    assert.match(
      stderr,
      /^error\[CLI_SOURCE_UNREADABLE\]: absent: there is no such file or folder\n/,
    )
    assert.deepEqual([status, stdout], [1, ''])
  })
})

describe('the log of meshdns run', { skip: skip ?? false }, () => {
  it('tells of faulty objects once, and runs with the others', () => {
    const faulty = ['run', '-f', 'examples', '-n', 'no_name', '--', 'echo', 'ran']
    const { stdout, stderr } = meshdns(...faulty)
    assert.equal(stdout, 'ran\n')
    assert.match(
      stderr,
      /^meshdns: error: configuration refused: examples\/external-address\.yaml:4:1: /,
    )
    assert.equal(stderr.match(/external-address/g)?.length, 2, stderr)
  })

  it('tells of every question when asked to', () => {
    const debug = ['run', '-f', 'examples', '--log-level', 'debug', '--']
    const { stderr } = meshdns(...debug, ...dig, 'auto.internal')
    assert.match(stderr, /^meshdns: debug: .*name=auto\.internal/m)
  })
})

describe('meshdns demo', { skip: skip ?? false }, () => {
  it('shows names, virtual addresses and connections, and finds them as they should be', () => {
    const { status, stdout, stderr } = meshdns('demo')
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /\$ curl -v http:\/\/address\.internal\n\*\s+Trying 198\.51\.100\.1:80/)
    assert.match(stdout, /\$ curl -v http:\/\/auto\.internal\n\*\s+Trying 240\.240\.0\.1:80/)
    assert.match(stdout, /Hello from the HTTP service at 198\.51\.100\.2\./)
    assert.match(stdout, /This is the orders service/)
    assert.match(stdout, /This is the payments service/)
    assert.match(stdout, /asked for nothing but: www\.outside\.example\n/)
  })

  it('needs neither curl nor dig', () => {
    const own = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
    const hide =
      'for file in /usr/bin/curl /usr/bin/dig; do mount --bind /dev/null $file; done; exec "$@"'
    const words = [...own, '--mount', '--', 'sh', '-c', hide, 'sh', process.execPath, main, 'demo']
    const { status, stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8', cwd: root })
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /\$ meshdns-client http:\/\/auto\.internal\n\*\s+Trying 240\.240\.0\.1:80/)
  })
})

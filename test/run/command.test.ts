import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { RunHost } from './run-host.ts'
import { runTestsSkip } from './run-skip.ts'

interface Case {
  readonly name: string
  readonly command: readonly string[]
  readonly code: number
  readonly stderr?: RegExp
}

const ends: readonly Case[] = [
  { name: 'success', command: ['true'], code: 0 },
  { name: 'an exit code', command: ['sh', '-c', 'exit 7'], code: 7 },
  { name: 'the signal that ended it', command: ['sh', '-c', 'kill -TERM $$'], code: 128 + 15 },
  { name: 'a signal that nobody can catch', command: ['sh', '-c', 'kill -KILL $$'], code: 128 + 9 },
  {
    name: 'a command that does not exist',
    command: ['no-such-program'],
    code: 127,
    stderr: /^error\[SANDBOX_COMMAND_NOT_FOUND\]: command not found: no-such-program\nhint: /,
  },
  {
    name: 'a file that is no program',
    command: ['/etc/passwd'],
    code: 126,
    stderr: /^error\[SANDBOX_COMMAND_NOT_FOUND\]: not an executable file: \/etc\/passwd\nhint: /,
  },
]

/** Runs its arguments on a terminal, types Ctrl-C when they say `ready`, and ends as they do. */
const onTerminal = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
said = b''
while True:
    try: octets = os.read(terminal, 1024)
    except OSError: break
    if not octets: break
    if b'ready' in octets: os.write(terminal, b'\\x03')
    said += octets
sys.stdout.write(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

describe('meshdns run passes on', { skip: runTestsSkip() }, () => {
  let host: RunHost

  before(async () => {
    host = await RunHost.start()
  })
  after(() => host[Symbol.asyncDispose]())

  for (const { name, command, code, stderr } of ends) {
    it(name, async () => {
      const outcome = await host.run(command)
      assert.equal(outcome.code, code, outcome.stderr)
      if (stderr) assert.match(outcome.stderr, stderr)
      else assert.equal(outcome.stderr, '')
    })
  }

  it('the standard input, whole', async () => {
    const input = 'a line of text\n'.repeat(200_000)
    const { stdout } = await host.run(['sha256sum'], input)
    assert.equal(stdout, `${createHash('sha256').update(input).digest('hex')}  -\n`)
  })

  it('both outputs, apart from each other', async () => {
    const { stdout, stderr } = await host.run(['sh', '-c', 'echo out; echo err >&2'])
    assert.deepEqual([stdout, stderr], ['out\n', 'err\n'])
  })

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`${signal} to the command`, async () => {
      const trap = `trap "echo heard; exit 5" ${signal.slice('SIG'.length)}`
      const line = `${trap}; echo up; while :; do sleep 0.05; done`
      const { child, stdout } = host.network.start([...host.meshdnsRun(), 'sh', '-c', line])
      await stdout.line(/^up$/)
      child.kill(signal)
      const [code] = await once(child, 'close')
      assert.deepEqual([code, stdout.text], [5, 'up\nheard\n'])
    })
  }

  it('the terminal, and its Ctrl-C', async () => {
    const wait = 'trap "heard=yes" INT; echo ready; while test -z "$heard"; do sleep 0.05; done'
    const line = `test -t 0 && test -t 1 && { ${wait}; exit 3; }`
    const words = ['python3', '-c', onTerminal, ...host.meshdnsRun(), 'sh', '-c', line]
    const { code, stdout } = await host.network.run(words)
    assert.equal(code, 3, stdout)
  })
})

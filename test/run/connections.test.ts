import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { MeshShell } from './mesh-shell.ts'
import { RunHost } from './run-host.ts'
import { runTestsSkip } from './run-skip.ts'

/** Holds many connections at once: all are opened before the first is used. */
const manyConnections = `
import socket, sys
held = [socket.create_connection(('echo.mesh.test', 7000)) for _ in range(int(sys.argv[1]))]
for at, one in enumerate(held): one.sendall(b'number %d\\n' % at)
for at, one in enumerate(held):
    file = one.makefile()
    assert file.readline() == 'echo\\n'
    assert file.readline() == 'number %d\\n' % at
print(len(held))
`

/** Sends everything, then says that it is done, then reads: the other direction must stay open. */
const halfClosed = `
import socket
one = socket.create_connection(('echo.mesh.test', 7000))
one.sendall(b'last words')
one.shutdown(socket.SHUT_WR)
print(one.makefile().read())
`

const pattern = Buffer.from(Array.from({ length: 65_521 }, (_, at) => (at * 31) % 251))

/** What the endpoint sends for /octets/N. */
function digestOfOctets(length: number): string {
  const hash = createHash('sha256')
  for (let left = length; left > 0; left -= pattern.length) hash.update(pattern.subarray(0, left))
  return hash.digest('hex')
}

describe('connections of a command in the mesh', { skip: runTestsSkip() }, () => {
  let host: RunHost
  let shell: MeshShell

  before(async () => {
    host = await RunHost.start()
    shell = host.openShell('user')
  })
  after(() => host[Symbol.asyncDispose]())

  /** Runs a program of Python in the mesh. */
  function python(name: string, program: string, words = '') {
    const file = join(host.folder, name)
    writeFileSync(file, program)
    return shell.run(`python3 ${file} ${words}`)
  }

  it('carry 50 MB whole', async () => {
    const length = 50_000_000
    const { stdout } = await shell.run(`curl -sS http://web.mesh.test/octets/${length} | sha256sum`)
    assert.equal(stdout, `${digestOfOctets(length)}  -\n`)
  })

  it('carry 50 MB to a client that went away, and the next one', async () => {
    const { stdout } = await shell.run(
      'curl -sS http://web.mesh.test/octets/50000000 | head -c 5; curl -sS http://web.mesh.test',
    )
    assert.match(stdout, /web web\.mesh\.test\n$/)
  })

  it('may be 200 at once', async () => {
    const { stdout, stderr } = await python('many.py', manyConnections, '200')
    assert.equal(stdout, '200\n', stderr)
  })

  it('stay open one way when the other is closed', async () => {
    const { stdout, stderr } = await python('half.py', halfClosed)
    assert.equal(stdout, 'echo\nlast words\n', stderr)
  })

  it('are refused at once where no entry declares the port', async () => {
    for (const family of ['-4', '-6']) {
      const { code, stderr } = await shell.run(`curl -sS ${family} -m 20 http://web.mesh.test:81`)
      // 7: refused, 56: reset; 28 would be the time-out.
      assert.ok(code === 7 || code === 56, stderr)
    }
  })

  it('end at once where nobody listens outside of the mesh', async () => {
    const { code, stderr } = await shell.run('curl -sS -m 20 http://203.0.113.4:81')
    assert.ok(code === 7 || code === 56, stderr)
  })

  it('follow an entry that is edited while the command runs', async () => {
    const file = join(host.folder, 'entries.yaml')
    const edited = readFileSync(file, 'utf8').replaceAll('web.mesh.test', 'moved.mesh.test')
    writeFileSync(`${file}.new`, edited)
    renameSync(`${file}.new`, file)
    // The address stays where it was; there may be a moment in which the host is not known yet.
    const line = 'until curl -sS http://moved.mesh.test; do sleep 0.05; done'
    const { stdout } = await shell.run(line)
    assert.equal(stdout, 'web moved.mesh.test\n')
  })
})

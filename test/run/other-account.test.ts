import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../src/testing/eventually.ts'
import { LineLog } from '../../src/testing/line-log.ts'
import { readableCheckout } from './readable-checkout.ts'
import { runTestsSkip } from './run-skip.ts'

/** `nobody` of most systems: no home, no groups, no rights. */
const nobody = 65_534

/** A service on the loopback of the machine itself. */
function entryOf(port: number): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: greeter }
spec:
  hosts: [greeter.mesh.test]
  ports: [{ number: 7000, name: tcp, protocol: TCP }]
  resolution: STATIC
  endpoints: [{ address: 127.0.0.1, ports: { tcp: ${port} } }]
`
}

/** Who is in a network, which is called as links in /proc say. */
function processesIn(network: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return readlinkSync(`/proc/${name}/ns/net`) === network
    } catch {
      return false
    }
  })
}

function whyNot(): string | false {
  const reason = runTestsSkip()
  if (reason !== false) return reason
  return process.getuid?.() === 0 ? false : 'needs root, who can become another user'
}

describe('meshdns run of a user without rights, on the machine itself', { skip: whyNot() }, () => {
  let folder = ''
  let checkout = { folder: '', isCopy: false }
  let greeter: Server

  before(async () => {
    checkout = readableCheckout(nobody)
    folder = mkdtempSync(join(tmpdir(), 'meshdns-account-'))
    chmodSync(folder, 0o755)
    greeter = createServer((client) => client.end('hello\n')).listen(0, '127.0.0.1')
    await once(greeter, 'listening')
    writeFileSync(join(folder, 'entry.yaml'), entryOf((greeter.address() as AddressInfo).port))
  })
  after(() => {
    greeter.close()
    rmSync(folder, { recursive: true, force: true })
    if (checkout.isCopy) rmSync(checkout.folder, { recursive: true, force: true })
  })

  /** Starts a line of shell in the mesh; without folders of the caller's own in PATH. */
  function startInMesh(line: string) {
    const words = ['run', '-f', join(folder, 'entry.yaml'), '--', 'sh', '-c', line]
    return spawn(join(checkout.folder, 'meshdns'), words, {
      uid: nobody,
      gid: nobody,
      cwd: '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    })
  }

  /** Runs it to its end. */
  async function inMesh(line: string) {
    const child = startInMesh(line)
    const [stdout, stderr] = [new LineLog(child.stdout), new LineLog(child.stderr)]
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout: stdout.text, stderr: stderr.text }
  }

  it('answers and carries connections', async () => {
    const line =
      'dig +short +time=60 greeter.mesh.test; getent ahostsv4 greeter.mesh.test | wc -l; ' +
      'bash -c "cat </dev/tcp/greeter.mesh.test/7000"; exit 7'
    const { code, stdout, stderr } = await inMesh(line)
    assert.equal(stdout.replaceAll(' ', ''), '240.240.0.1\n3\nhello\n', stderr)
    assert.equal(code, 7)
  })

  it('gives the command no rights that the user does not have', async () => {
    const { stdout } = await inMesh('id -u; grep -E "^Cap(Eff|Prm|Amb)" /proc/self/status')
    assert.equal(
      stdout.replace(/\t0+$/gm, ' none'),
      '65534\nCapPrm: none\nCapEff: none\nCapAmb: none\n',
    )
  })

  it('leaves no rule and no process behind', async () => {
    const child = startInMesh('setsid sleep 86395 & readlink /proc/self/ns/net; cat')
    const network = await new LineLog(child.stdout).line(/^net:\[\d+\]$/)
    const [inside] = processesIn(network)
    // While it is open, nobody else's network is called the same.
    const open = openSync(`/proc/${inside}/ns/net`, 'r')
    const ended = once(child, 'close')
    child.stdin.end()
    await ended
    await eventually(() => assert.deepEqual(processesIn(network), []))
    closeSync(open)
  })
})

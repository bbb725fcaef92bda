import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
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

  /** Runs a line of shell in the mesh; without folders of the caller's own in PATH. */
  async function inMesh(line: string) {
    const words = ['run', '-f', join(folder, 'entry.yaml'), '--', 'sh', '-c', line]
    const child = spawn(join(checkout.folder, 'meshdns'), words, {
      uid: nobody,
      gid: nobody,
      cwd: '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    })
    const [stdout, stderr] = [new LineLog(child.stdout), new LineLog(child.stderr)]
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout: stdout.text, stderr: stderr.text }
  }

  it('answers and carries connections', async () => {
    const line =
      'dig +short greeter.mesh.test; getent ahostsv4 greeter.mesh.test | wc -l; ' +
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
    const { stdout } = await inMesh('readlink /proc/self/ns/net; setsid sleep 86395 & true')
    assert.match(stdout, /^net:\[\d+\]\n$/)
    const left = spawn('sh', ['-c', 'ls -l /proc/[0-9]*/ns/net 2>/dev/null'])
    const log = new LineLog(left.stdout)
    await once(left, 'close')
    assert.ok(!log.text.includes(stdout.trim()), log.text)
  })
})

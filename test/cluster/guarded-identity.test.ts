import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { credentials, status } from '@grpc/grpc-js'
import type { ControllerProcess } from '../../src/testing/controller-process.ts'
import { openDeltaClient } from '../../src/testing/delta-client.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { until } from '../../src/testing/until.ts'
import { clusterTestsSkip } from './programs.ts'
import { awaitEndOfToken } from './rights/account.ts'
import { GuardedMesh, systemNamespace } from './rights/guarded-mesh.ts'
import { namespace, pod } from './rights/objects.ts'
import { runMeshdns } from './rights/run-meshdns.ts'
import { runProgram } from './run-program.ts'

const skip = await clusterTestsSkip()

const isVerified = /Verification: OK\nVerified peername: istiod\.istio-system\.svc\n/

const serverName = 'istiod.istio-system.svc'

interface Claim {
  readonly name: string
  /** What `kubectl create token` is told; no token when missing. */
  readonly words?: readonly string[]
  readonly namespace?: string
  readonly code: status
  readonly reason: RegExp
}

const mesh = ['--audience', 'istio-ca']

const claims: readonly Claim[] = [
  { name: 'no token', code: status.UNAUTHENTICATED, reason: /neither a certificate nor a token/ },
  {
    name: 'a token of another audience',
    words: ['--audience', 'vault'],
    code: status.UNAUTHENTICATED,
    reason: /for another audience/,
  },
  {
    name: 'a token of another namespace',
    words: mesh,
    namespace: 'other',
    code: status.PERMISSION_DENIED,
    reason: /other/,
  },
  {
    name: 'the token of a pod that is gone',
    words: [...mesh, '--bound-object-kind', 'Pod', '--bound-object-name', 'gone'],
    code: status.UNAUTHENTICATED,
    reason: /the cluster does not take the token/,
  },
]

describe('who is believed beside a cluster', { skip, timeout: 600_000 }, () => {
  let guarded: GuardedMesh
  let controller: ControllerProcess
  const shown: string[] = []
  const cleanUp: (() => unknown)[] = []
  const rig = { after: (stop: () => unknown) => void cleanUp.unshift(stop) }

  const rootsOf = (text: string) => text.match(/-----BEGIN [^]+?-----END CERTIFICATE-----/g) ?? []
  const decode = (text: string) => Buffer.from(text, 'base64').toString()

  async function secretRoots(): Promise<string> {
    const path = '.data.root-cert\\.pem'
    return decode(await guarded.see(path, 'secret', 'istio-ca-secret', '-n', systemNamespace))
  }

  async function bundle(): Promise<string> {
    const path = '.webhooks[0].clientConfig.caBundle'
    const name = `meshdns-sidecar-injector-${systemNamespace}`
    return decode(await guarded.see(path, 'mutatingwebhookconfiguration', name))
  }

  /** What openssl says of who answers at a port. */
  async function verify(port: number, ...words: readonly string[]): Promise<string> {
    const file = join(guarded.cluster.folder, 'roots.pem')
    await writeFile(file, await secretRoots())
    const where = ['-connect', `127.0.0.1:${port}`, '-servername', serverName, '-CAfile', file]
    const argv = ['openssl', 's_client', '-brief', '-verify_return_error', ...where, ...words]
    const { stdout, stderr } = await runProgram(argv)
    return stdout + stderr
  }

  async function injects(): Promise<boolean> {
    const words = ['run', 'app', '-n', 'shop', '--image=app', '--dry-run=server', '-o', 'json']
    return (await guarded.cluster.kubectl(words)).stdout.includes('"istio-proxy"')
  }

  before(async () => {
    guarded = await GuardedMesh.start(rig)
    controller = await guarded.controller('one', { isAsked: true, flags: ['--log-level', 'debug'] })
    await guarded.cluster.apply(
      namespace('shop', { 'istio-injection': 'enabled' }),
      namespace('other'),
    )
    await eventually(injects)
  })
  after(async () => {
    for (const stop of cleanUp) await stop()
  })

  it('is the controller, by certificates of the CA in the Secret, at both ports', async () => {
    assert.equal(await bundle(), await secretRoots())
    for (const port of [controller.tls.port, guarded.webhookPort]) {
      const well = await verify(port, '-verify_hostname', serverName)
      assert.match(well, isVerified)
      const other = await verify(port, '-verify_hostname', 'kubernetes.default.svc')
      assert.match(other, /hostname mismatch/i)
      assert.doesNotMatch(await verify(port, '-tls1_1'), /Verification: OK/)
    }
  })

  for (const { name, words, namespace: claimed = 'default', code, reason } of claims) {
    it(`is nobody who shows ${name}; the log says why, and nothing of the token`, async () => {
      const create = ['create', 'token', 'default', '-n', 'default']
      if (name.endsWith('gone')) await guarded.cluster.apply({ ...pod('gone') })
      const createToken = async () =>
        words && (await guarded.cluster.must([...create, ...words])).trim()
      const token = await createToken()
      if (token !== undefined) shown.push(token)
      if (name.endsWith('gone')) {
        const another = await createToken()
        await guarded.cluster.must(['delete', 'pod', 'gone', '--force', '--grace-period=0'])
        await awaitEndOfToken(guarded.cluster, another ?? '')
      }
      controller.log.clear()
      const client = openDeltaClient(rig, controller.tls, {
        tls: credentials.createSsl(Buffer.from(await secretRoots())),
        ...(token === undefined ? {} : { token }),
        node: {
          id: `ztunnel~127.0.0.1~agent.${claimed}~${claimed}.svc.cluster.local`,
          metadata: { NAMESPACE: claimed, SERVICE_ACCOUNT: 'default' },
        },
      })
      await until(() => client.end !== undefined)
      assert.equal(client.end?.code, code)
      assert.match(client.end?.details ?? '', reason)
      assert.equal(client.responses, 0)
      await controller.log.line(/"msg":"refused /)
      assert.match(controller.log.text, reason)
      for (const one of shown) {
        const [, payload = one, signature = one] = one.split('.')
        assert.ok(
          !controller.log.text.includes(signature) && !controller.log.text.includes(payload),
        )
      }
    })
  }

  it('is the controller also while the root is rotated: webhooks answer throughout', async (test) => {
    const first = await secretRoots()
    const outcomes: boolean[] = []
    const over = new AbortController()
    test.after(() => over.abort())
    const asking = (async () => {
      while (!over.signal.aborted) outcomes.push(await injects())
    })()
    const rotate = async (...words: readonly string[]) => {
      const argv = ['ca', 'root', ...words, '-i', systemNamespace]
      const { code, stderr } = await runMeshdns(guarded.cluster, argv)
      assert.equal(code, 0, stderr)
    }
    const bundleHas = (count: number) =>
      eventually(async () => {
        const now = await bundle()
        return rootsOf(now).length === count && now === (await secretRoots())
      })
    await rotate('add')
    await bundleHas(2)
    await rotate('activate')
    const isVerifiedNow = async () =>
      isVerified.test(await verify(guarded.webhookPort, '-verify_hostname', serverName))
    assert.equal(await isVerifiedNow(), true)
    await rotate('retire', '--longest-certificate', '0')
    await bundleHas(1)
    assert.ok(!(await secretRoots()).includes(first.trim()))
    await eventually(isVerifiedNow)
    over.abort()
    await asking
    assert.ok(outcomes.length > 3)
    assert.deepEqual(
      outcomes.filter((outcome) => !outcome),
      [],
    )
    await guarded.recovers(controller)
    assert.doesNotMatch(controller.log.text + controller.errors.text, /PRIVATE KEY/)
  })
})

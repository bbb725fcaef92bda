import assert from 'node:assert/strict'
import { mkdtemp, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { credentials, status } from '@grpc/grpc-js'
import { systemClock } from '../../src/base/clock.ts'
import { createLog } from '../../src/base/log.ts'
import { CaSecret } from '../../src/controller/cluster/ca-secret.ts'
import { startClusterIdentity } from '../../src/controller/cluster/start-cluster-identity.ts'
import type { ControllerIdentity } from '../../src/identity/controller-identity.ts'
import { MachineCertificate } from '../../src/identity/machine-certificate.ts'
import { IdentityOptions, MachineIdentityOptions } from '../../src/identity/options.ts'
import { createOwnRoot } from '../../src/identity/own-root.ts'
import { createCertificateRequester } from '../../src/identity/request-certificate.ts'
import { activateNextRoot, addNextRoot } from '../../src/identity/rotate-root.ts'
import { parseIp } from '../../src/ip/address.ts'
import type { SocketAddress } from '../../src/ip/socket-address.ts'
import type { ClientCredentials } from '../../src/rpc/client-credentials.ts'
import { serverName } from '../../src/testing/certificate-server.ts'
import { openDeltaClient } from '../../src/testing/delta-client.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { startXdsServerRig } from '../../src/testing/xds-server-rig.ts'
import { clusterPorts } from './cluster-ports.ts'
import { clusterTestsSkip } from './programs.ts'
import { accountKubeconfig, awaitEndOfToken, awaitRight, userOf } from './rights/account.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()
const controllerNamespace = 'istio-system'

const pod = (name: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop }
spec: { serviceAccountName: web, containers: [{ name: main, image: none }] }
`

/** As a kubelet replaces what is in a projected volume. */
async function projectToken(folder: string, text: string): Promise<void> {
  const data = await mkdtemp(`${folder}/..`)
  await writeFile(join(data, 'istio-token'), text)
  await symlink(data, join(folder, '..data_tmp'))
  await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  const link = join(folder, 'istio-token')
  await symlink('..data/istio-token', link).catch(() => {})
}

describe('who is who in a cluster', { skip }, () => {
  let cluster: TestCluster

  before(async () => {
    cluster = await TestCluster.start()
    for (const name of [controllerNamespace, 'shop']) {
      await cluster.must(['create', 'namespace', name])
    }
    await cluster.must(['create', 'serviceaccount', 'web', '-n', 'shop'])
  })
  after(() => cluster?.[Symbol.asyncDispose]())

  const token = async (...words: readonly string[]) =>
    (await cluster.must(['create', 'token', 'web', '-n', 'shop', ...words])).trim()
  const meshToken = (...words: readonly string[]) => token('--audience', 'istio-ca', ...words)

  /** The identity of a controller with a port as 15012, and all that it logs. */
  async function start(test: TestContext) {
    const lines: string[] = []
    const log = createLog('debug', { write: (line) => void lines.push(line) })
    const ports = clusterPorts(cluster, log)
    test.after(() => ports.scope.stop())
    const identity = await startClusterIdentity(
      {
        options: IdentityOptions.parse({}),
        namespace: controllerNamespace,
        serverNames: [serverName, '127.0.0.1'],
        stateFolder: await temporaryFolder(test),
      },
      ports,
    )
    const rig = await startXdsServerRig(test, {
      identity,
      services: [identity.certificateService],
    })
    const port = rig.server.addresses().tls[0]?.port ?? 0
    return { identity, ports, rig, lines, where: { address: parseIp('127.0.0.1'), port } }
  }

  interface Claim extends Partial<ClientCredentials> {
    readonly namespace?: string
  }

  function connect(
    test: TestContext,
    { identity, where }: { readonly identity: ControllerIdentity; readonly where: SocketAddress },
    { token: shown, tls, namespace = 'shop' }: Claim = {},
  ) {
    const roots = Buffer.from(tls?.roots ?? identity.ca.roots())
    const own = tls?.own && ([Buffer.from(tls.own.key), Buffer.from(tls.own.chain)] as const)
    return openDeltaClient(test, where, {
      tls: own ? credentials.createSsl(roots, ...own) : credentials.createSsl(roots),
      ...(shown === undefined ? {} : { token: shown }),
      node: {
        id: `ztunnel~127.0.0.1~agent.${namespace}~${namespace}.svc.cluster.local`,
        metadata: { NAMESPACE: namespace, SERVICE_ACCOUNT: 'web' },
      },
    })
  }

  it('is shown by a token that the cluster made, and by a certificate from then on', async (test) => {
    const { identity, rig, lines, where } = await start(test)
    const folder = await temporaryFolder(test)
    const secret = await meshToken()
    await writeFile(join(folder, 'token'), secret)
    await writeFile(join(folder, 'roots'), identity.ca.roots())
    const machine = await MachineCertificate.start({
      options: MachineIdentityOptions.parse({
        tokenFile: join(folder, 'token'),
        rootsFile: join(folder, 'roots'),
      }),
      stateFolder: folder,
      serverName,
      request: createCertificateRequester({ clock: systemClock, addresses: async () => [where] }),
      ports: clusterPorts(cluster),
      random: () => 0,
    })
    test.after(() => machine.stop())
    const shown = await machine.current()
    assert.ok(shown.tls.own)
    connect(test, { identity, where }, { tls: shown.tls })
    connect(test, { identity, where }, { token: secret })
    await until(() => rig.heard.length === 2)
    const text = lines.join('')
    assert.ok(text.includes('issued a certificate'))
    const [, , signature = secret] = secret.split('.')
    assert.ok(!text.includes(signature) && !text.includes('PRIVATE KEY'))
  })

  it('is shown by whatever token the kubelet has put into place by then', async (test) => {
    const { identity, where } = await start(test)
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'roots'), identity.ca.roots())
    const boundTo = (secret: string) => {
      const bound = ['--bound-object-kind=Secret', `--bound-object-name=${secret}`]
      return meshToken('--duration=10m', ...bound)
    }
    const tokenOf = async (secret: string) => {
      await cluster.must(['create', 'secret', 'generic', secret, '-n', 'shop'])
      return await boundTo(secret)
    }
    const dead = await tokenOf('dead')
    const another = await boundTo('dead')
    await cluster.must(['delete', 'secret', 'dead', '-n', 'shop'])
    await awaitEndOfToken(cluster, another)
    await projectToken(folder, dead)
    const shown: (string | undefined)[] = []
    const request = createCertificateRequester({
      clock: systemClock,
      addresses: async () => [where],
    })
    const clock = new FakeClock(systemClock.wall())
    const ports = { ...clusterPorts(cluster), clock }
    const machine = await MachineCertificate.start({
      options: MachineIdentityOptions.parse({
        tokenFile: join(folder, 'istio-token'),
        rootsFile: join(folder, 'roots'),
      }),
      stateFolder: folder,
      serverName,
      request: (csr, seconds, claim) => {
        shown.push(claim.token)
        return request(csr, seconds, claim)
      },
      ports,
      random: () => 0,
    })
    test.after(() => machine.stop())
    const problem = () => ports.health.items()[0]
    await until(() => problem()?.code === 'IDENTITY_CERTIFICATE_MISSING')
    assert.match(problem()?.detail ?? '', /the cluster does not take the token/)

    let got = 0
    machine.follow(() => (got += 1))
    const first = await tokenOf('first')
    await projectToken(folder, first)
    // It tries again, as a request may take longer than it waits for one.
    const gets = (count: number) =>
      eventually(() => {
        clock.advance(61_000)
        return got === count
      })
    await gets(1)
    assert.equal(problem(), undefined)

    const second = await tokenOf('second')
    await projectToken(folder, second)
    // It slept until its certificate had ended.
    clock.jump(2 * 86_400_000)
    await gets(2)
    assert.deepEqual([...new Set(shown)], [dead, first, second])
  })

  it('is not believed without a token, or with one that is not for us', async (test) => {
    const started = await start(test)
    await cluster.must(['apply', '-f', '-'], pod('gone'))
    const bound = ['--bound-object-kind', 'Pod', '--bound-object-name', 'gone']
    const alive = await meshToken(...bound)
    const [late, another] = [await meshToken(...bound), await meshToken(...bound)]
    assert.notEqual(alive, late)
    connect(test, started, { token: alive })
    await until(() => started.rig.heard.length === 1)
    await cluster.must(['delete', 'pod', 'gone', '-n', 'shop', '--force', '--grace-period=0'])
    await awaitEndOfToken(cluster, another)
    const refusals: readonly (readonly [Claim, status, RegExp])[] = [
      [{}, status.UNAUTHENTICATED, /neither a certificate nor a token/],
      [{ token: await token() }, status.UNAUTHENTICATED, /for another audience/],
      [{ token: late }, status.UNAUTHENTICATED, /the cluster does not take the token/],
      [{ token: `${alive}x` }, status.UNAUTHENTICATED, /the cluster does not take|malformed/],
      [{ token: await meshToken(), namespace: 'other' }, status.PERMISSION_DENIED, /other/],
    ]
    for (const [claim, code, details] of refusals) {
      const client = connect(test, started, claim)
      await until(() => client.end !== undefined)
      assert.equal(client.end?.code, code, client.end?.details)
      assert.match(client.end?.details ?? '', details)
    }
  })

  it('goes by signatures where the account of the controller may not review', async (test) => {
    const limited = await limitedAccount()
    const ports = clusterPorts({ connect: () => cluster.connect(limited) })
    test.after(() => ports.scope.stop())
    const { authenticator } = await startClusterIdentity(
      {
        options: IdentityOptions.parse({}),
        namespace: controllerNamespace,
        serverNames: [serverName],
        stateFolder: await temporaryFolder(test),
      },
      ports,
    )
    const authorization = `Bearer ${await meshToken()}`
    const identity = await authenticator.authenticate({ address: '', authorization })
    assert.deepEqual(
      [identity.trustDomain, identity.namespace, identity.serviceAccount],
      ['cluster.local', 'shop', 'web'],
    )
    assert.deepEqual(
      ports.health.items().map(({ code, detail }) => [code, detail]),
      [['CONTROLLER_TOKENS_UNREVIEWED', 'it is forbidden']],
    )
    const forged = `${authorization.slice(0, -8)}AAAAAAAA`
    await assert.rejects(authenticator.authenticate({ address: '', authorization: forged }), {
      reason: 'token_forged',
    })
  })

  /** An account with no more rights than the Secrets of the CA; its kubeconfig. */
  async function limitedAccount(): Promise<string> {
    const names = ['cacerts', 'istio-ca-secret'].flatMap((name) => ['--resource-name', name])
    const place = ['-n', controllerNamespace]
    await cluster.must(['create', 'serviceaccount', 'limited', ...place])
    const verbs = ['--verb=get,list,watch', '--resource=secrets']
    await cluster.must(['create', 'role', 'limited', ...verbs, ...names, ...place])
    const to = ['--role=limited', `--serviceaccount=${controllerNamespace}:limited`]
    await cluster.must(['create', 'rolebinding', 'limited', ...to, ...place])
    const user = userOf(controllerNamespace, 'limited')
    const words = ['list', 'secrets/istio-ca-secret', ...place]
    await awaitRight(cluster, { user, may: 'yes', words })
    return await accountKubeconfig(cluster, controllerNamespace, 'limited')
  }

  it('follows the CA when it is rotated, or another one is brought', async (test) => {
    const { identity, ports } = await start(test)
    const { client } = clusterPorts(cluster)
    const store = new CaSecret({ client, namespace: controllerNamespace, clock: systemClock })
    const first = identity.ca.roots()
    await addNextRoot(store, systemClock.wall())
    await until(() => identity.ca.roots().length > first.length)
    await activateNextRoot(store)
    await until(() => !identity.ca.roots().startsWith(first))
    assert.ok(identity.ca.roots().includes(first.trim()))
    await until(() => identity.tls.current().roots === identity.ca.roots())

    const { certificate, key } = await createOwnRoot('example.test', systemClock.wall())
    const files = { 'ca-cert.pem': certificate, 'ca-key.pem': key, 'root-cert.pem': certificate }
    const literals = Object.entries(files).map(([name, text]) => `--from-literal=${name}=${text}`)
    const words = ['secret', 'generic', 'cacerts', '-n', controllerNamespace]
    await cluster.must(['create', ...words, ...literals])
    await until(() => identity.ca.roots().trim() === certificate.trim())
    // What is brought in no order changes nothing.
    const broken = JSON.stringify({ data: { 'ca-key.pem': null } })
    await cluster.must(['patch', 'secret', 'cacerts', '-n', controllerNamespace, '-p', broken])
    await until(() => ports.health.items().some(({ code }) => code === 'IDENTITY_CA_REFUSED'))
    assert.equal(identity.ca.roots().trim(), certificate.trim())
  })
})

import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { credentials } from '@grpc/grpc-js'
import { systemClock } from '../base/clock.ts'
import { Health } from '../base/health.ts'
import { createLog, silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import { writeAtomically } from '../base/write-atomically.ts'
import { readCa } from '../identity/ca-files.ts'
import { CaFolder } from '../identity/ca-folder.ts'
import { formatCertificates } from '../identity/certificates.ts'
import { issueToken } from '../identity/issue-token.ts'
import { MachineCertificate } from '../identity/machine-certificate.ts'
import { IdentityOptions, MachineIdentityOptions } from '../identity/options.ts'
import { createCertificateRequester } from '../identity/request-certificate.ts'
import { openTokenKey } from '../identity/token-key.ts'
import type { SocketAddress } from '../ip/socket-address.ts'
import type { ClientCredentials } from '../rpc/client-credentials.ts'
import { type DeltaClient, openDeltaClient } from './delta-client.ts'
import { entryYaml } from './entry-yaml.ts'
import { startTestController } from './start-test-controller.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const serverName = 'istiod.istio-system.svc'

/** A controller that makes certificates, and what a machine is given to join it. */
export class MeshIdentityRig {
  /** What the controller logs, as it is written. */
  readonly lines: string[] = []
  readonly #test: Pick<TestContext, 'after'>
  state = ''
  sources = ''
  where: SocketAddress | undefined

  constructor(test: Pick<TestContext, 'after'>) {
    this.#test = test
  }

  async start(): Promise<void> {
    this.state = await temporaryFolder(this.#test)
    this.sources = await temporaryFolder(this.#test)
    await this.declare('first.test')
    const log = createLog('debug', { write: (line) => void this.lines.push(line) })
    const controller = await startTestController(
      this.#test,
      { stateFolder: this.state, sources: [this.sources], identity: { caPollMs: 100 } },
      { log },
    )
    this.where = controller.addresses().tls[0]
  }

  get caFolder(): string {
    return join(this.state, 'ca')
  }

  /** Adds a host to the mesh. */
  async declare(host: string): Promise<void> {
    const text = entryYaml({ name: host, hosts: [host] })
    await writeAtomically(join(this.sources, `${host}.yaml`), text)
  }

  async roots(): Promise<string> {
    const { roots } = await readCa(new CaFolder(this.caFolder), systemClock.wall())
    return formatCertificates(roots)
  }

  async token({ namespace = 'vms', audience = 'istio-ca', ago = 0 } = {}): Promise<string> {
    const { tokenIssuer: issuer } = IdentityOptions.parse({})
    const key = await openTokenKey(this.state)
    const nowMs = systemClock.wall() - ago
    const request = { namespace, serviceAccount: 'web', durationSeconds: 3_600, nowMs }
    return await issueToken({ key, issuer, audience }, request)
  }

  /** A machine that joins with this token, or a new one. */
  async join(token?: string): Promise<MachineCertificate> {
    const folder = await temporaryFolder(this.#test)
    await writeAtomically(join(folder, 'token'), token ?? (await this.token()))
    await writeAtomically(join(folder, 'root-cert.pem'), await this.roots())
    const clock = systemClock
    const machine = await MachineCertificate.start({
      options: MachineIdentityOptions.parse({
        tokenFile: join(folder, 'token'),
        rootsFile: join(folder, 'root-cert.pem'),
      }),
      stateFolder: folder,
      serverName,
      request: createCertificateRequester({ clock, addresses: async () => [this.address] }),
      ports: { clock, log: silentLog, health: new Health(), meters: new Meters() },
      random: () => 0,
    })
    this.#test.after(() => machine.stop())
    return machine
  }

  get address(): SocketAddress {
    if (!this.where) throw new TypeError('there is no TLS port')
    return this.where
  }

  connect({ tls, token }: Partial<ClientCredentials>, namespace = 'vms'): DeltaClient {
    const { roots = '', own } = tls ?? {}
    const key = own ? Buffer.from(own.key) : null
    const chain = own ? Buffer.from(own.chain) : null
    const id = `ztunnel~127.0.0.1~agent.${namespace}~${namespace}.svc.cluster.local`
    return openDeltaClient(this.#test, this.address, {
      tls: credentials.createSsl(Buffer.from(roots), key, chain),
      ...(token === undefined ? {} : { token }),
      node: { id, metadata: { NAMESPACE: namespace, SERVICE_ACCOUNT: 'web' } },
    })
  }
}

export async function startMeshIdentity(
  test: Pick<TestContext, 'after'>,
): Promise<MeshIdentityRig> {
  const rig = new MeshIdentityRig(test)
  await rig.start()
  return rig
}

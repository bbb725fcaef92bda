import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import { credentials } from '@grpc/grpc-js'
import { readInstallConfig } from '../../../src/config/install-config.ts'
import { mapsAt } from '../../../src/documents/plain-map.ts'
import { manifestText } from '../../../src/install/cluster/manifest-text.ts'
import type { ClusterObject } from '../../../src/install/cluster/object.ts'
import type { Rule } from '../../../src/install/cluster/render/controller-rules.ts'
import { type Manifests, renderManifests } from '../../../src/install/cluster/render/manifests.ts'
import { formatSocketAddress } from '../../../src/ip/socket-address.ts'
import {
  type ControllerProcess,
  startControllerProcess,
} from '../../../src/testing/controller-process.ts'
import { type DeltaClient, openDeltaClient } from '../../../src/testing/delta-client.ts'
import { eventually } from '../../../src/testing/eventually.ts'
import { temporaryFolder } from '../../../src/testing/temporary-folder.ts'
import { until } from '../../../src/testing/until.ts'
import { definitionsServed } from '../cluster-ports.ts'
import { freePorts } from '../free-ports.ts'
import { TestCluster } from '../start-cluster.ts'
import { accountKubeconfig, awaitRight, userOf } from './account.ts'
import { Audit } from './audit.ts'
import { type Right, rightsOf } from './single-rights.ts'

export const systemNamespace = 'istio-system'
export const controllerAccount = 'meshdns-controller'

interface HealthItem {
  readonly code: string
  readonly detail: string
}

/**
 * A cluster with what an installation puts there, and controllers that have the rights of their account and no more;
 * they run beside it, so that its webhooks are asked by address.
 */
export class GuardedMesh {
  readonly cluster: TestCluster
  readonly audit: Audit
  readonly #test: Pick<TestContext, 'after'>
  readonly #kubeconfig: string
  readonly webhookPort: number

  private constructor(
    test: Pick<TestContext, 'after'>,
    parts: Pick<GuardedMesh, 'cluster' | 'audit' | 'webhookPort'> & { kubeconfig: string },
  ) {
    this.#test = test
    this.cluster = parts.cluster
    this.audit = parts.audit
    this.webhookPort = parts.webhookPort
    this.#kubeconfig = parts.kubeconfig
  }

  /** `account` is the one whose deeds are noted, and `sets` what the installation is told. */
  static async start(
    test: Pick<TestContext, 'after'>,
    { account = controllerAccount, sets = [] }: { account?: string; sets?: readonly string[] } = {},
  ): Promise<GuardedMesh> {
    const folder = await temporaryFolder(test)
    const audit = await Audit.begin(folder, userOf(systemNamespace, account))
    const cluster = await TestCluster.start({
      controllers: ['serviceaccount-controller', 'namespace-controller'],
      apiServer: audit.words,
    })
    test.after(() => cluster[Symbol.asyncDispose]())
    const [webhookPort = 0] = await freePorts(1)
    const { base, webhooks } = installation(sets)
    await cluster.must(['apply', '--server-side', '-f', '-'], manifestText(base))
    const asked = manifestText(webhooks.map((one) => askedByAddress(one, webhookPort)))
    await cluster.must(['apply', '--server-side', '-f', '-'], asked)
    await definitionsServed(cluster)
    const kubeconfig = await accountKubeconfig(cluster, systemNamespace, controllerAccount)
    return new GuardedMesh(test, { cluster, audit, webhookPort, kubeconfig })
  }

  /** A replica; the webhooks that the API server asks are those of the one that is told so. */
  async controller(
    name: string,
    { isAsked = false, flags = [] }: { isAsked?: boolean; flags?: readonly string[] } = {},
  ): Promise<ControllerProcess> {
    const port = isAsked ? this.webhookPort : 0
    const words = ['--kubernetes', '--kubeconfig', this.#kubeconfig, '--kubernetes-pod-name', name]
    words.push('--admission-addresses', `127.0.0.1:${port}`, ...flags)
    const stateFolder = `/nonexistent/${randomUUID()}`
    return await startControllerProcess(this.#test, { stateFolder, flags: words })
  }

  /** Has the account no longer what is taken, or all that it shall have again. */
  async takeAway(isTaken: (right: Right) => boolean = () => false): Promise<void> {
    const reduced = installation().base.flatMap((object): readonly ClusterObject[] => {
      const rules = object['rules'] as readonly Rule[] | undefined
      return rules ? [{ ...object, rules: without(rules, isTaken) }] : []
    })
    const words = ['apply', '--server-side', '--force-conflicts', '-f', '-']
    await this.cluster.must(words, manifestText(reduced))
  }

  /** Waits until the API server has heard that the account may no longer. */
  async mayNot(...words: readonly string[]): Promise<void> {
    const user = userOf(systemNamespace, controllerAccount)
    await awaitRight(this.cluster, { user, may: 'no', words })
  }

  /** Waits until the API server has heard that the account may again. */
  async mayAgain(...words: readonly string[]): Promise<void> {
    const user = userOf(systemNamespace, controllerAccount)
    await awaitRight(this.cluster, { user, may: 'yes', words })
  }

  /** What `kubectl` prints of a part of an object; nothing when it is not there. */
  async see(path: string, ...words: readonly string[]): Promise<string> {
    const argv = ['get', ...words, '-o', `jsonpath={${path}}`]
    const { stdout } = await this.cluster.kubectl(argv)
    return stdout
  }

  async becomes(want: string | RegExp, path: string, ...words: readonly string[]): Promise<void> {
    const isRight = (text: string) => (typeof want === 'string' ? text === want : want.test(text))
    await eventually(async () => isRight(await this.see(path, ...words)))
  }

  /** Connects as a machine of the group. */
  async register(controller: ControllerProcess): Promise<DeltaClient> {
    const words = ['create', 'token', 'default', '-n', 'shop', '--audience', 'istio-ca']
    const token = (await this.cluster.must(words)).trim()
    const roots = await this.see('.data.root-cert\\.pem', 'cm', 'istio-ca-root-cert', '-n', 'shop')
    const client = openDeltaClient(this.#test, controller.tls, {
      tls: credentials.createSsl(Buffer.from(roots)),
      token,
      node: {
        id: 'sidecar~10.0.0.7~vm.shop~shop.svc.cluster.local',
        metadata: {
          NAMESPACE: 'shop',
          SERVICE_ACCOUNT: 'default',
          AUTO_REGISTER_GROUP: 'vms',
          WORKLOAD_NAME: 'vm',
        },
      },
    })
    await until(() => client.responses > 0 || client.end !== undefined)
    assert.equal(client.end, undefined)
    return client
  }

  /** Waits until a controller says what is wrong with it. */
  async ails(controller: ControllerProcess, code: string, detail: RegExp | string): Promise<void> {
    let items: readonly HealthItem[] = []
    const isSo = (text: string) =>
      typeof detail === 'string' ? text.startsWith(detail) : detail.test(text)
    const isTold = (item: HealthItem) => item.code === code && isSo(item.detail)
    await eventually(async () => {
      items = await this.health(controller)
      return items.some(isTold)
    }).catch((cause: unknown) => {
      throw new Error(`${code} ${detail} is not told, but ${JSON.stringify(items)}`, { cause })
    })
  }

  async recovers(controller: ControllerProcess): Promise<void> {
    await eventually(async () => assert.deepEqual(await this.health(controller), []))
  }

  async health({ pages }: ControllerProcess): Promise<readonly HealthItem[]> {
    const response = await fetch(`http://${formatSocketAddress(pages)}/health`, {
      headers: { connection: 'close' },
    })
    const { items } = (await response.json()) as { readonly items: readonly HealthItem[] }
    return items
  }
}

/** An installation of nothing but defaults. */
export function installation(sets: readonly string[] = []): Manifests {
  const { config } = readInstallConfig({ files: [], sets, target: 'cluster' })
  if (!config) throw new TypeError('the defaults make no sense')
  return renderManifests(config, '0.0.0')
}

function without(rules: readonly Rule[], isTaken: (right: Right) => boolean): readonly Rule[] {
  return rules.flatMap((rule) =>
    rule.resources.flatMap((resource) => {
      const verbs = rule.verbs.filter(
        (verb) => !rightsOf([{ ...rule, resources: [resource], verbs: [verb] }]).some(isTaken),
      )
      return verbs.length === 0 ? [] : { ...rule, resources: [resource], verbs }
    }),
  )
}

/** No Service leads to processes of the test. */
function askedByAddress(configuration: ClusterObject, port: number): ClusterObject {
  const all = mapsAt(configuration, 'webhooks')
  return {
    ...configuration,
    webhooks: all.map(({ clientConfig, ...webhook }) => {
      const { service } = clientConfig as { readonly service: { readonly path: string } }
      return { ...webhook, clientConfig: { url: `https://127.0.0.1:${port}${service.path}` } }
    }),
  }
}

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isPlainMap, mapsAt, type PlainMap, textAt } from '../../src/documents/plain-map.ts'
import { type ClusterClient, patchTypes } from '../../src/kubernetes/client/cluster-client.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { root } from '../architecture/tree.ts'
import { type ProgramOutcome, runProgram } from './run-program.ts'
import { TestCluster } from './start-cluster.ts'

const kinds = ['proxyconfigs', 'serviceentries', 'sidecars', 'workloadentries', 'workloadgroups']

/** The definitions, as kubectl names them. */
export const definitionLines = kinds.map((kind) => {
  return `customresourcedefinition.apiextensions.k8s.io/${kind}.networking.istio.io`
})

/** What an installation needs of Kubernetes' controllers. */
export const installControllers = [
  'daemonset-controller',
  'deployment-controller',
  'replicaset-controller',
  'serviceaccount-controller',
  'namespace-controller',
  'garbage-collector-controller',
]

/** What a pod of ours is like, as a node would say. */
export type PodStatus = (pod: PlainMap) => PlainMap

export const runningPod: PodStatus = () => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2020-01-01T00:00:00Z' }],
})

const main = join(root, 'src/cli/main.ts')

/** A cluster with somebody who plays nodes, and the controllers' part in an installation. */
export class InstallRig implements AsyncDisposable {
  readonly cluster: TestCluster
  readonly client: ClusterClient
  /** What becomes of new pods. */
  podStatus: PodStatus = runningPod
  /** Whether certificates come into webhook configurations. */
  hasLeader = true
  readonly #ended = new AbortController()
  readonly #playing: Promise<void>

  private constructor(cluster: TestCluster) {
    this.cluster = cluster
    this.client = cluster.connect()
    this.#playing = this.#play()
  }

  static async start(): Promise<InstallRig> {
    return new InstallRig(await TestCluster.start({ controllers: installControllers }))
  }

  /** Runs our program against the cluster, to its end; as whoever the kubeconfig says, or else may do everything. */
  meshdns(
    words: readonly string[],
    input = '',
    kubeconfig = this.cluster.kubeconfig,
  ): Promise<ProgramOutcome> {
    const [command = '', ...rest] = words
    const more = command === 'manifest' ? [] : ['--kubeconfig', kubeconfig]
    return runProgram([process.execPath, main, command, ...rest, ...more], { input })
  }

  /** Everything that has our labels, as `kind/name`. */
  async ownObjects(): Promise<readonly string[]> {
    const kinds =
      'namespaces,customresourcedefinitions,serviceaccounts,configmaps,secrets,services,deployments,daemonsets,poddisruptionbudgets,horizontalpodautoscalers,' +
      'roles,rolebindings,leases,clusterroles,clusterrolebindings,mutatingwebhookconfigurations,validatingwebhookconfigurations'
    const labels = 'app.kubernetes.io/managed-by=meshdns,app.kubernetes.io/part-of=meshdns'
    const words = ['get', kinds, '-A', '-l', labels, '-o', 'name', '--ignore-not-found']
    return (await this.cluster.must(words))
      .split('\n')
      .filter((line) => line !== '')
      .toSorted()
  }

  /** Waits until nothing else has our labels: what is taken away may go a moment later. */
  async owns(want: readonly string[]): Promise<void> {
    await eventually(async () => assert.deepEqual(await this.ownObjects(), want))
  }

  /** What changes with each of our objects; not where controllers of Kubernetes write besides. */
  async ownVersions(): Promise<readonly string[]> {
    const plain =
      'serviceaccounts,configmaps,services,roles,rolebindings,clusterroles,clusterrolebindings,mutatingwebhookconfigurations,validatingwebhookconfigurations'
    const withStatus = 'namespaces,customresourcedefinitions,deployments,poddisruptionbudgets'
    const print = (kinds: string, field: string) => {
      const path = `jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.${field}}{"\\n"}{end}`
      const labels = 'app.kubernetes.io/managed-by=meshdns'
      return this.cluster.must(['get', kinds, '-A', '-l', labels, '-o', path])
    }
    return [await print(plain, 'resourceVersion'), await print(withStatus, 'generation')]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    await this.#playing
    await this.cluster[Symbol.asyncDispose]()
  }

  async #play(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      // The API server may be ending, or an object may be gone already.
      await this.#playNodes().catch(() => {})
      if (this.hasLeader) await this.#playLeader().catch(() => {})
      await setTimeout(100)
    }
  }

  async #playNodes(): Promise<void> {
    const query = { labelSelector: 'app in (meshdns-controller, meshdns-node)' }
    const { items } = await this.client.call({ path: '/api/v1/pods', query })
    for (const pod of (items as readonly PlainMap[]) ?? []) {
      const { namespace, name } = pod['metadata'] as { namespace: string; name: string }
      const status = this.podStatus(pod)
      await this.client.call({
        method: 'PATCH',
        path: `/api/v1/namespaces/${namespace}/pods/${name}/status`,
        contentType: patchTypes.merge,
        body: { status },
      })
    }
  }

  /** As the controller that leads does. */
  async #playLeader(): Promise<void> {
    for (const kind of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) {
      const path = `/apis/admissionregistration.k8s.io/v1/${kind}`
      for (const one of mapsAt(await this.client.call({ path }), 'items')) {
        const name = textAt(one['metadata'], 'name')
        const bare = mapsAt(one, 'webhooks').flatMap(({ clientConfig }, at) =>
          isPlainMap(clientConfig) && clientConfig['caBundle'] === undefined ? [at] : [],
        )
        if (bare.length === 0 || !name.startsWith('meshdns-')) continue
        const body = bare.map((at) => {
          return { op: 'add', path: `/webhooks/${at}/clientConfig/caBundle`, value: certificate }
        })
        const query = { fieldManager: 'meshdns' }
        const patch = { path: `${path}/${name}`, query, contentType: patchTypes.json, body }
        await this.client.call({ method: 'PATCH', ...patch })
      }
    }
  }
}

/** Some certificate, in base64; the API server wants one that it can read. */
let certificate = ''

/** Has everything refused as the webhook would, since nobody serves it here. */
export async function playValidator(cluster: TestCluster): Promise<void> {
  certificate = Buffer.from(
    await cluster.must(['config', 'view', '--raw', '--flatten', '-o', certificatePath]),
    'base64',
  ).toString('base64')
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'stands-in-for-the-webhook' },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['networking.istio.io'],
            apiVersions: ['*'],
            operations: ['CREATE'],
            resources: ['serviceentries'],
          },
        ],
      },
      validations: [
        {
          expression: "object.metadata.name != 'meshdns-install-check'",
          message: 'admission webhook "validation.meshdns.io" denied the request: stand-in',
        },
      ],
    },
  }
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: 'stands-in-for-the-webhook' },
    spec: { policyName: 'stands-in-for-the-webhook', validationActions: ['Deny'] },
  }
  await cluster.apply(policy, binding)
}

const certificatePath = 'jsonpath={.clusters[0].cluster.certificate-authority-data}'

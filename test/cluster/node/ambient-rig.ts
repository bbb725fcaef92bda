import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pageOperator } from '../../../src/testing/page-operator.ts'
import { root } from '../../architecture/tree.ts'
import { startScript } from '../../network/scripted.ts'
import { block } from '../kubernetes-page.ts'
import { Audit } from '../rights/audit.ts'
import { runProgram } from '../run-program.ts'
import type { Container } from './container.ts'
import { NodeRig } from './node-rig.ts'
import type { PodLife } from './pod-life.ts'

const system = 'istio-system'
const pages = ['198.51.100.1', '198.51.100.2']
/** A slow machine shall not decide whether pods are let go while their agent is away. */
const operator = `${pageOperator}  components:
    ztunnel:
      k8s:
        env:
          - name: MESHDNS_SOCKET_STORE_PATIENCE_SECONDS
            value: "600"
`

/** A pod as /debug/podz of the node agent has it. */
export interface Podz {
  readonly pod: string
  readonly uid: string
  readonly state: string
  readonly network?: string
}

/** A pod of the cluster that programs can be run in. */
export class AmbientPod {
  readonly life: PodLife
  readonly #app: Container

  constructor(life: PodLife, app: Container) {
    this.life = life
    this.#app = app
  }

  async run(...argv: readonly string[]): Promise<string> {
    const { stdout, stderr } = await this.#app.exec(argv)
    return `${stdout}${stderr}`.trim()
  }

  /** What `dig +short` says there, in one line. */
  async dig(...words: readonly string[]): Promise<string> {
    const said = await this.run('dig', '+short', '+tries=1', '+time=30', ...words)
    return said.split('\n').toSorted().join(' ')
  }

  /** Tables of rules in its network. */
  async rules(): Promise<string> {
    const { stdout, stderr } = await runProgram([...this.life.enter, 'nft', 'list', 'tables'])
    return `${stdout}${stderr}`.trim()
  }
}

/** A cluster as it is when somebody has done what docs/kubernetes.md says of node agents. */
export class AmbientRig implements AsyncDisposable {
  readonly rig: NodeRig
  /** What the node agent asks of the API server. */
  readonly audit: Audit
  readonly #made: AsyncDisposable

  private constructor(rig: NodeRig, audit: Audit, made: AsyncDisposable) {
    this.rig = rig
    this.audit = audit
    this.#made = made
  }

  static async start(): Promise<AmbientRig> {
    await using made = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'meshdns-audit-'))
    made.defer(() => rm(folder, { recursive: true, force: true }))
    const audit = await Audit.begin(folder, `system:serviceaccount:${system}:meshdns-node`)
    const rig = made.use(await NodeRig.start({ apiServer: audit.words }))
    rig.hosts.addHost('ep', 80)
    for (const page of pages) rig.hosts.addAddress('ep', `${page}/32`)
    const places = pages.map((ip) => `page-${ip}@${ip}:80`)
    await startScript(rig.hosts, 'ep', ['endpoint-main', ...places])
    const [install = '', ...lines] = block(/^kubectl label namespace shop istio.io.data/m).split(
      '\n',
    )
    const { code, stdout, stderr } = await rig.meshdns(wordsOf(install), operator)
    assert.equal(code, 0, `${stdout}${stderr}\n${await rig.cluster.must(['get', 'pods', '-A'])}`)
    // Their last one is for whoever looks at the outcome.
    for (const line of lines.filter((each) => !/^$| exec /.test(each))) {
      await rig.cluster.must(wordsOf(line))
    }
    return new AmbientRig(rig, audit, made.move())
  }

  apply(...objects: readonly unknown[]): Promise<void> {
    return this.rig.cluster.apply(...objects)
  }

  async namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
    const account = ['serviceaccount/default', '-n', name]
    await this.rig.cluster.must(['wait', '--for=create', '--timeout=300s', ...account])
  }

  /** Makes a pod of one container; it is ready when this returns. */
  async pod(
    namespace: string,
    name: string,
    { metadata = {}, spec = {} }: { readonly metadata?: object; readonly spec?: object } = {},
  ): Promise<AmbientPod> {
    const containers = [{ name: 'app', image: 'curl', command: ['sleep', '3600'] }]
    await this.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, ...metadata },
      spec: { terminationGracePeriodSeconds: 0, containers, ...spec },
    })
    const which = [`pod/${name}`, '-n', namespace]
    await this.rig.cluster.must(['wait', '--for=condition=Ready', '--timeout=300s', ...which])
    const life = await this.rig.pod(namespace, name)
    return new AmbientPod(life, await this.rig.container(namespace, name, 'app'))
  }

  /** The container of the node agent; held, as the API server cannot be asked while it is away. */
  async agentPod(): Promise<PodLife> {
    const [name = ''] = await this.rig.ready(system, 'app=meshdns-node')
    return this.rig.pod(system, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made[Symbol.asyncDispose]()
  }
}

/** Those after the program's name; examples are where they are. */
function wordsOf(line: string): readonly string[] {
  const [, words = ''] = /(?:^|.*\| )(?:kubectl|\.\/meshdns) (.*)$/.exec(line) ?? []
  return words.replaceAll('examples/', join(root, 'examples/')).split(' ')
}

/** A page of an agent, asked from within. */
export async function agentPage(agent: PodLife, path: string): Promise<string> {
  const argv = ['curl', '-sS', '--max-time', '60', `http://127.0.0.1:15020${path}`]
  return (await agent.container('agent')?.exec(argv))?.stdout ?? ''
}

/** The pods that an agent serves, or is to; none while it does not answer. */
export async function podzOf(agent: PodLife): Promise<readonly Podz[]> {
  const text = await agentPage(agent, '/debug/podz')
  return text === '' ? [] : (JSON.parse(text) as { readonly pods: readonly Podz[] }).pods
}

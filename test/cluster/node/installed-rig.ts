import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../../src/testing/eventually.ts'
import { root } from '../../architecture/tree.ts'
import { startScript } from '../../network/scripted.ts'
import type { ProgramOutcome } from '../run-program.ts'
import { NodeRig } from './node-rig.ts'
import type { PodLife } from './pod-life.ts'

const pages = ['198.51.100.1', '198.51.100.2']

/** A cluster that meshdns was installed into, with the entries of the page, and the endpoints outside. */
export class InstalledRig implements AsyncDisposable {
  readonly rig: NodeRig
  /** What the first installation said. */
  said = ''
  /** Of Deployments, by name. */
  readonly #pods = new Map<string, PodLife>()

  private constructor(rig: NodeRig) {
    this.rig = rig
  }

  static async start(operator: string): Promise<InstalledRig> {
    const installed = new InstalledRig(await NodeRig.start())
    try {
      await installed.#prepare(operator)
      return installed
    } catch (error) {
      await installed[Symbol.asyncDispose]()
      throw error
    }
  }

  /** As a user installs from standard input. */
  async install(operator: string): Promise<string> {
    const { rig } = this
    const { code, stdout, stderr } = await rig.meshdns(['install', '-y', '-f', '-'], operator)
    if (code === 0) return stdout
    assert.fail(`${stdout}${stderr}\n${await rig.cluster.must(['get', 'pods', '-A'])}`)
  }

  /** A Deployment of pods that programs can be run in; they are ready when this returns. */
  async deploy(name: string, annotations: Readonly<Record<string, string>> = {}): Promise<void> {
    const containers = [{ name: 'app', image: 'curl', command: ['sleep', '3600'] }]
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name }, annotations },
          spec: { terminationGracePeriodSeconds: 1, containers },
        },
      },
    }
    await this.rig.cluster.apply(deployment)
    const [pod = ''] = await this.rig.ready('default', `app=${name}`)
    this.#pods.set(name, await this.rig.pod('default', pod))
  }

  /** Runs a program in a pod of a Deployment. */
  async inPod(name: string, ...argv: readonly string[]): Promise<ProgramOutcome> {
    const app = this.#pods.get(name)?.container('app')
    assert.ok(app, `${name} does not run`)
    return app.exec(argv)
  }

  /** What `curl -v` says there of where it connects to, and the page. */
  async curl(name: string, ...words: readonly string[]): Promise<string> {
    const argv = ['curl', '-v', '--max-time', '60', ...words]
    const { stdout, stderr } = await this.inPod(name, ...argv)
    const [, tried] = /\* +Trying (.*?)\.\.\.\n/.exec(stderr) ?? []
    return `${tried}: ${stdout.trim()}`
  }

  /** What `dig +short` says there, in one line. */
  async dig(name: string, ...words: readonly string[]): Promise<string> {
    const { stdout } = await this.inPod(name, 'dig', '+short', '+tries=1', '+time=30', ...words)
    return stdout.trim().split('\n').toSorted().join(' ')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rig[Symbol.asyncDispose]()
  }

  async #prepare(operator: string): Promise<void> {
    const { hosts, cluster } = this.rig
    hosts.addHost('ep', 80)
    for (const page of pages) hosts.addAddress('ep', `${page}/32`)
    await startScript(hosts, 'ep', ['endpoint-main', ...pages.map((ip) => `page-${ip}@${ip}:80`)])
    this.said = await this.install(operator)
    await cluster.must(['label', 'namespace', 'default', 'istio-injection=enabled'])
    // The API server hears of it a moment later.
    const pod = ['run', 'app', '--image=app', '--dry-run=server', '-o', 'json']
    await eventually(async () => assert.match(await cluster.must(pod), /"istio-proxy"/))
    for (const file of ['external-address.yaml', 'external-auto.yaml']) {
      await cluster.must(['apply', '-f', '-'], readFileSync(join(root, 'examples', file), 'utf8'))
    }
    const given = '--for=jsonpath={.status.addresses[0].value}'
    await cluster.must(['wait', given, '--timeout=300s', 'serviceentry/external-auto'])
  }
}

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IpFamily } from '../../src/ip/address.ts'
import { pageOperator } from '../../src/testing/page-operator.ts'
import { type HostProcess, TestNetwork } from '../../src/testing/test-network.ts'
import { root } from '../architecture/tree.ts'
import { ScriptedUpstream, startScript } from '../network/scripted.ts'
import { MachineHost } from './machine-host.ts'
import { said } from './said.ts'

/** Last parts of addresses; machines come after them. */
const lastParts = { controller: 1, up: 53, ep: 80, vm1: 11, vm2: 12 } as const
export type MachineName = 'vm1' | 'vm2'

export const objectsFolder = '/etc/meshdns/objects'
export const controllerAddress = `192.0.2.${lastParts.controller}`

export interface Onboarding {
  /** Name of a WorkloadGroup of the namespace `vms`. */
  readonly group: string
  /** Of `workload entry configure`, such as `--autoregister`. */
  readonly words?: readonly string[]
  /** What a person writes into the machine's sidecar.env. */
  readonly sidecar?: string
  readonly families?: readonly IpFamily[]
}

/**
 * A controller, machines that are onboarded as people do it, a DNS server outside and the endpoints,
 * each on a host of its own.
 */
export class MeshOfMachines implements AsyncDisposable {
  readonly hosts = new TestNetwork()
  readonly controller: MachineHost
  readonly #folder = mkdtempSync(join(tmpdir(), 'meshdns-mesh-'))
  readonly #machines = new Map<MachineName, MachineHost>()
  #upstream: ScriptedUpstream | undefined

  private constructor() {
    this.hosts.addHost('controller', lastParts.controller)
    this.controller = new MachineHost(this.hosts, 'controller', this.folderOf('controller'))
  }

  /** The controller is installed by its standard input, and everything but it runs. */
  static async start(operator = pageOperator): Promise<MeshOfMachines> {
    const mesh = new MeshOfMachines()
    try {
      await Promise.all([mesh.#installController(operator), mesh.#startOthers()])
      return mesh
    } catch (error) {
      await mesh[Symbol.asyncDispose]()
      throw error
    }
  }

  get upstream(): ScriptedUpstream {
    assert.ok(this.#upstream)
    return this.#upstream
  }

  machine(name: MachineName): MachineHost {
    const machine = this.#machines.get(name)
    assert.ok(machine)
    return machine
  }

  /** Starts the controller as its unit does; it serves when this returns. */
  async startController(): Promise<HostProcess> {
    const started = this.controller.startUnit('meshdns-controller.service')
    await said(started, /"serving"/)
    return started
  }

  /** Puts an object of the checkout's examples, or this text, among those of the controller. */
  putObject(file: string, text = readFileSync(join(root, 'examples', file), 'utf8')): void {
    this.controller.root.replace(join(objectsFolder, file), text)
  }

  removeObject(file: string): void {
    this.controller.root.remove(join(objectsFolder, file))
  }

  /** Makes a WorkloadGroup of the namespace `vms`, with a service account of its name. */
  async createGroup(name: string, ...words: readonly string[]): Promise<void> {
    const own = ['--name', name, '--namespace', 'vms', '--serviceAccount', name]
    const text = await this.controller.meshdns('workload', 'group', 'create', ...own, ...words)
    this.putObject(`group-${name}.yaml`, text)
  }

  /** Makes a host one of the mesh: an image that is installed, and booted; the agent does not run. */
  async onboard(name: MachineName, onboarding: Onboarding): Promise<MachineHost> {
    const { group, words = [], sidecar, families = [4, 6] } = onboarding
    this.hosts.addHost(name, lastParts[name], families)
    const machine = new MachineHost(this.hosts, name, this.folderOf(name))
    this.#machines.set(name, machine)
    machine.root.write('/etc/hosts', '127.0.0.1 localhost\n')
    machine.root.write('/etc/resolv.conf', `nameserver 192.0.2.${lastParts.up}\n`)
    const bundle = this.folderOf(`${name}-files`)
    const which = ['--name', group, '--namespace', 'vms', '--output', bundle]
    const reached = ['--ingressIP', controllerAddress]
    await this.controller.meshdns('workload', 'entry', 'configure', ...which, ...reached, ...words)
    await machine.install(`exec "$0" vm install '${bundle}'`)
    if (sidecar !== undefined) machine.root.write('/var/lib/istio/envoy/sidecar.env', sidecar)
    return machine
  }

  /** Starts a machine's agent as its unit does; it answers when this returns. */
  async startAgent(name: MachineName): Promise<HostProcess> {
    const agent = this.beginAgent(name)
    await said(agent, /"answering"/)
    return agent
  }

  /** Starts it, and waits until it has what the controller has. */
  async syncAgent(name: MachineName): Promise<HostProcess> {
    const agent = await this.startAgent(name)
    await said(agent, /"the table is the controller/)
    return agent
  }

  beginAgent(name: MachineName): HostProcess {
    return this.machine(name).startUnit('meshdns.service')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hosts[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, maxRetries: 10 })
  }

  /** Where the files of a host may lie; goes with the mesh. */
  folderOf(name: string): string {
    return join(this.#folder, name)
  }

  async #installController(operator: string): Promise<void> {
    const file = this.folderOf('iop.yaml')
    writeFileSync(file, operator)
    await this.controller.install(`cat '${file}' | "$0" install -y -f -`)
  }

  async #startOthers(): Promise<void> {
    this.hosts.addHost('up', lastParts.up)
    this.hosts.addHost('ep', lastParts.ep)
    const pages = ['198.51.100.1', '198.51.100.2', '198.51.100.3']
    for (const page of pages) this.hosts.addAddress('ep', `${page}/32`)
    const addresses = [`192.0.2.${lastParts.up}`, `2001:db8::${lastParts.up}`]
    const askDirectly = async (question: string) => {
      const { code } = await this.hosts.run('ep', ['dig', `@${addresses[0]}`, question])
      assert.equal(code, 0)
    }
    const services = [
      ...pages.map((page) => `page-${page}@${page}:80`),
      `page-v6@[2001:db8::${lastParts.ep}]:80`,
    ]
    const [upstream] = await Promise.all([
      ScriptedUpstream.start(this.hosts, { host: 'up', addresses }, askDirectly),
      startScript(this.hosts, 'ep', ['endpoint-main', ...services]),
    ])
    this.#upstream = upstream
  }
}

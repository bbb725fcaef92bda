import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AgentProcess, startAgentProcess, startUpstreamProcess } from './agent-process.ts'
import { type DigReply, readDig } from './dig-reply.ts'
import { fixtureMesh } from './fixture-mesh.ts'
import { startNetworkController } from './network-controller.ts'
import {
  type NetworkProcess,
  PrivateNetwork,
  type PrivateNetworkOptions,
} from './private-network.ts'

export interface MachineOptions extends Omit<PrivateNetworkOptions, 'resolvConf'> {
  /** What is configured, YAML; without it the fixture that most tests share. */
  readonly mesh?: string
  /** Its services come from a controller on the same machine, which reads what is configured. */
  readonly controller?: boolean
  /** Flags of the agent. */
  readonly flags?: readonly string[]
}

const controllerFlags = ['--controller', '127.0.0.1:15010'] as const

export const searchDomains = [
  'ns1.svc.cluster.local',
  'svc.cluster.local',
  'cluster.local',
] as const

/**
 * A machine as an application sees it: /etc/resolv.conf names 127.0.0.1:53, which is a real agent;
 * that asks two scripted upstreams, 127.0.0.53 and 127.0.0.54. All in a private network.
 */
export class Machine implements AsyncDisposable {
  readonly network: PrivateNetwork
  readonly upstreams: readonly NetworkProcess[]
  readonly #folder: string
  readonly #options: MachineOptions
  #agent: AgentProcess | undefined
  #controller: NetworkProcess | undefined

  private constructor(
    network: PrivateNetwork,
    upstreams: readonly NetworkProcess[],
    { folder, options }: { readonly folder: string; readonly options: MachineOptions },
  ) {
    this.network = network
    this.upstreams = upstreams
    this.#folder = folder
    this.#options = options
  }

  static async start(options: MachineOptions = {}): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), 'meshdns-'))
    const resolvConf = join(folder, 'application.conf')
    const search = `search ${searchDomains.join(' ')}\n`
    writeFileSync(resolvConf, `nameserver 127.0.0.1\n${search}`)
    writeFileSync(
      join(folder, 'agent.conf'),
      `nameserver 127.0.0.53\nnameserver 127.0.0.54\n${search}`,
    )
    const network = await PrivateNetwork.open({ ...options, resolvConf })
    const upstreams = await Promise.all([
      startUpstreamProcess(network, 'U1', ['127.0.0.53']),
      startUpstreamProcess(network, 'U2', ['127.0.0.54']),
    ])
    const machine = new Machine(network, upstreams, { folder, options })
    machine.write(options.mesh ?? fixtureMesh)
    if (options.controller) await machine.startController()
    await machine.startAgent()
    return machine
  }

  get agent(): AgentProcess {
    if (!this.#agent) throw new Error('no agent was started')
    return this.#agent
  }

  /** Starts the controller, on the state that the one before left. */
  async startController(): Promise<void> {
    this.#controller = await startNetworkController(this.network, {
      sources: join(this.#folder, 'mesh.yaml'),
      stateFolder: join(this.#folder, 'controller'),
    })
  }

  /** Ends the controller as a crash does. */
  async killController(): Promise<void> {
    const child = this.#controller?.child
    if (!child) throw new Error('no controller was started')
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }

  /** Starts the agent, on the state that the one before left; `flags` come after the machine's. */
  async startAgent(flags: readonly string[] = []): Promise<void> {
    this.#agent = await startAgentProcess(this.network, {
      ...(this.#options.controller ? {} : { sources: join(this.#folder, 'mesh.yaml') }),
      stateFolder: join(this.#folder, 'state'),
      resolvConf: join(this.#folder, 'agent.conf'),
      flags: [
        '--listen',
        '127.0.0.1:53',
        ...(this.#options.controller ? controllerFlags : []),
        ...(this.#options.flags ?? []),
        ...flags,
      ],
    })
  }

  /** Ends all programs and forgets all files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Replaces the configuration, at once and as a whole. */
  write(mesh: string): void {
    const file = join(this.#folder, 'mesh.yaml')
    writeFileSync(`${file}.new`, mesh)
    renameSync(`${file}.new`, file)
  }

  /** Asks the agent, or whom `@ADDRESS` names, once. */
  async dig(...words: readonly string[]): Promise<DigReply> {
    const server = words.some((word) => word.startsWith('@')) ? [] : ['@127.0.0.1']
    return readDig((await this.run('dig', '+tries=1', '+time=30', ...server, ...words)).stdout)
  }

  run(...argv: readonly string[]) {
    return this.network.run(argv)
  }

  /** `NAME TYPE TRANSPORT` of every question that an upstream has had, in order. */
  asked(): readonly string[] {
    return this.upstreams.flatMap(({ stdout }) => stdout.lines)
  }

  /** What upstreams had been asked is forgotten. */
  forgetAsked(): void {
    for (const { stdout } of this.upstreams) stdout.clear()
  }
}

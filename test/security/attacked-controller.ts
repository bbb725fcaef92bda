import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { SocketAddress } from '../../src/ip/socket-address.ts'
import {
  type ControllerProcess,
  startControllerProcess,
} from '../../src/testing/controller-process.ts'
import type { DeltaClient } from '../../src/testing/delta-client.ts'
import { MeshIdentityRig } from '../../src/testing/mesh-identity-rig.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'

/** A line of a controller's log that says whom it refused, and why. */
export interface RefusalLine {
  readonly msg: string
  readonly reason?: string
  readonly client?: string
  readonly count?: number
  readonly error?: { readonly message: string; readonly code?: string }
}

/** A controller in a process of its own, and an agent's stream that must not be harmed by what is done to it. */
export class AttackedController {
  readonly mesh: MeshIdentityRig
  readonly process: ControllerProcess
  readonly #neighbour: DeltaClient
  readonly #scope: Cleanup
  #changes = 0

  private constructor(
    mesh: MeshIdentityRig,
    process: ControllerProcess,
    rest: { readonly neighbour: DeltaClient; readonly scope: Cleanup },
  ) {
    this.mesh = mesh
    this.process = process
    this.#neighbour = rest.neighbour
    this.#scope = rest.scope
  }

  /** Begins with the objects, by the names of their files; whoever starts it stops it. */
  static async start(
    flags: readonly string[] = [],
    objects: Readonly<Record<string, string>> = {},
  ): Promise<AttackedController> {
    const scope = new Cleanup()
    const mesh = new MeshIdentityRig(scope)
    mesh.state = await temporaryFolder(scope)
    mesh.sources = await temporaryFolder(scope)
    await mesh.declare('first.test')
    for (const [name, text] of Object.entries(objects)) {
      await writeFile(join(mesh.sources, name), text)
    }
    const { sources, state: stateFolder } = mesh
    const process = await startControllerProcess(scope, {
      sources,
      stateFolder,
      flags,
    })
    mesh.where = process.tls
    const machine = await mesh.join()
    const neighbour = mesh.connect(await machine.current())
    const controller = new AttackedController(mesh, process, { neighbour, scope })
    await until(() => controller.#hears('first.test'))
    return controller
  }

  stop(): Promise<void> {
    return this.#scope.run()
  }

  get tls(): SocketAddress {
    return this.process.tls
  }

  get plaintext(): SocketAddress {
    return this.process.plaintext
  }

  /** Resident memory, in MiB. */
  get residentMib(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024
  }

  /** Everything that it wrote. */
  get text(): string {
    return this.process.log.text + this.process.errors.text
  }

  /** Lines that it wrote about refusals, until now. */
  get refusals(): readonly RefusalLine[] {
    return this.process.log.lines
      .map((line) => JSON.parse(line) as RefusalLine)
      .filter(({ msg }) => msg.startsWith('refused '))
  }

  /** Does something, and waits until the log says why it was refused. */
  async refusesBecause(
    reason: string,
    attack: () => unknown,
    words = /./,
  ): Promise<RefusalLine | undefined> {
    const from = this.refusals.length
    await attack()
    const find = () =>
      this.refusals
        .slice(from)
        .find((line) => line.reason === reason && words.test(JSON.stringify(line)))
    await until(() => find() !== undefined)
    return find()
  }

  /** The stream beside it still gets every change; it never had to begin anew. */
  async harmsNobody(): Promise<void> {
    this.#changes += 1
    const host = `change${this.#changes}.test`
    await this.mesh.declare(host)
    await until(() => this.#hears(host))
    assert.equal(this.#neighbour.end, undefined)
    assert.equal(this.process.errors.text, '')
  }

  #hears(host: string): boolean {
    return [...this.#neighbour.addresses.keys()].some((name) => name.endsWith(`/${host}`))
  }
}

/** What must be undone, the last thing first. */
class Cleanup implements Pick<TestContext, 'after'> {
  readonly #steps: (() => unknown)[] = []

  after: TestContext['after'] = (step) => {
    if (typeof step === 'function') this.#steps.push(step as () => unknown)
  }

  async run(): Promise<void> {
    for (const step of this.#steps.toReversed()) await step()
  }
}

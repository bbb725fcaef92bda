import assert from 'node:assert/strict'
import type { HostProcess } from '../../src/testing/test-network.ts'
import { startScript } from '../network/scripted.ts'
import type { MachineName, MeshOfMachines } from './mesh-of-machines.ts'
import { said } from './said.ts'

/** Asks a server all the time, as an application in a hurry would. */
export class Prober {
  readonly #process: HostProcess

  /** Of a `prober-main.ts` that is ready. */
  constructor(process: HostProcess) {
    this.#process = process
  }

  /** Asks a machine's server of resolv.conf one question each interval, for the names in turn. */
  static async start(
    mesh: MeshOfMachines,
    {
      on,
      names,
      intervalMs = 4,
    }: {
      readonly on: MachineName
      readonly names: readonly string[]
      readonly intervalMs?: number
    },
  ): Promise<Prober> {
    const [, server = ''] =
      /nameserver (\S+)/.exec(mesh.machine(on).root.read('/etc/resolv.conf')) ?? []
    const words = ['prober-main', server, `${intervalMs}`, ...names]
    return new Prober(await startScript(mesh.hosts, on, words))
  }

  /**
   * Waits until a name was answered with these, each with all that differs from the one before, and nothing else;
   * says when it had the last, in nanoseconds of the monotonic clock.
   */
  async sees(name: string, answers: readonly string[]): Promise<bigint> {
    const line = await said(this.#process, new RegExp(`^${name} ${answers.length} `))
    assert.deepEqual(this.answers(name), answers)
    return BigInt(line.split(' ')[3] ?? '')
  }

  /** Waits until a name was answered with so many, one after another. */
  async reaches(name: string, count: number): Promise<void> {
    await said(this.#process, new RegExp(`^${name} ${count} `))
  }

  /** Waits until a name is, or was once, answered so. */
  async finds(name: string, answer: string): Promise<void> {
    await said(this.#process, new RegExp(`^${name} \\d+ ${answer} `))
  }

  /** What a name was answered, each answer that differed from the one before. */
  answers(name: string): readonly string[] {
    const lines = this.#process.stdout.lines.map((line) => line.split(' '))
    return lines.filter(([first]) => first === name).map(([, , answer = '']) => answer)
  }

  /** Ends it, when its last question was answered. */
  async stop(): Promise<void> {
    this.#process.child.kill('SIGTERM')
    await this.#process.ended
  }

  /** It has ended; every question must have been answered, and each name always with the same. Says how many there were. */
  expectNoGap(answers: Readonly<Record<string, string>>): string {
    const summary = this.#process.stdout.lines.at(-1) ?? ''
    assert.match(summary, /^asked \d+ lost 0$/, this.#process.stdout.text.slice(-2_000))
    const seen = Object.keys(answers).map((name) => [name, this.answers(name)])
    const want = Object.entries(answers).map(([name, answer]) => [name, [answer]])
    assert.deepEqual(seen, want)
    return summary
  }
}

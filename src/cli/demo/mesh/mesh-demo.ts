import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { findSystemProgram } from '../../../sandbox/programs.ts'
import type { DemoPage, Expectation } from '../demo-page.ts'
import { ownProgram } from '../own-programs.ts'
import { demoEnvironment } from '../stage-process.ts'
import type { DemoMachine } from './demo-machine.ts'
import type { DemoProgram } from './demo-program.ts'
import type { MeshNetwork } from './mesh-network.ts'

/** What a change of a file is to bring about. */
export interface Change {
  /** A line of shell that saves the file. */
  readonly line: string
  /** Below the folder of the demo. */
  readonly file: string
  readonly host: string
  readonly address: string
}

/** Runs the commands of the demo where they belong, and prints them with their output. */
export class MeshDemo {
  readonly page: DemoPage
  readonly network: MeshNetwork
  /** `curl -v`, or what stands in for it. */
  readonly client: string
  readonly #path: string
  readonly #units = new Map<string, DemoProgram>()

  constructor(page: DemoPage, network: MeshNetwork) {
    this.page = page
    this.network = network
    this.#path = process.env['PATH'] ?? ''
    const hasCurl = findSystemProgram('curl', this.#path) !== undefined
    this.client = hasCurl ? 'curl -v' : 'meshdns-client'
  }

  /** Runs a line beside the machines. */
  async here(line: string, expectation: Expectation): Promise<string> {
    this.page.command(line)
    return this.#print(this.#spawnHere(line), expectation)
  }

  /** Runs a line in a machine. */
  async on(machine: DemoMachine, line: string, expectation: Expectation): Promise<string> {
    this.page.command(line, `${machine.name}#`)
    return this.#print(machine.shell(`${line} 2>&1`), expectation)
  }

  /** Starts a unit of the machine as systemd would, and waits until it has said everything of a list. */
  async startUnit(machine: DemoMachine, unit: string, until: readonly RegExp[]): Promise<void> {
    const { argv, program } = machine.startUnit(unit)
    this.page.command(`${argv.join(' ')} &`, `${machine.name}#`)
    this.#units.set(machine.name, program)
    const lines = await Promise.all(until.map((pattern) => program.said(pattern)))
    for (const [line] of lines) this.page.text(`${line}\n`)
    this.page.verdict(true, `Started as ${unit} says, with its environment.`)
  }

  /** What runs on the machine. */
  unitOf(machine: DemoMachine): DemoProgram {
    const unit = this.#units.get(machine.name)
    if (!unit) throw new TypeError(`nothing runs on ${machine.name}`)
    return unit
  }

  /** Changes a file, and says when each of the machines answered accordingly. */
  async change({ line, file, host, address }: Change): Promise<void> {
    const { folder, vms } = this.network
    const watch = ownProgram(new URL('./watch-name.ts', import.meta.url))
    const watchers = vms.map((machine) => machine.start([...watch, host, address]))
    await Promise.all(watchers.map((watcher) => watcher.said(/^watching$/m)))
    this.page.command(line)
    await once(this.#spawnHere(line), 'close')
    const savedMs = statSync(join(folder, file)).ctimeMs
    for (const [at, watcher] of watchers.entries()) {
      const [, seen] = await watcher.said(/^seen (.*)$/m)
      const afterMs = Math.max(0, Math.round(Number(seen) - savedMs))
      this.page.verdict(
        true,
        `${vms[at]?.name}: ${host} is ${address}, ${afterMs} ms after the file was saved.`,
      )
    }
  }

  #spawnHere(line: string): ChildProcess {
    const { folder } = this.network
    const env = {
      ...demoEnvironment(folder),
      PATH: `${folder}/bin:${this.#path}`,
      NODE_COMPILE_CACHE: `${folder}/cache`,
    }
    const words = ['-c', `exec 2>&1; ${line}`]
    return spawn('sh', words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  }

  async #print(child: ChildProcess, expectation: Expectation): Promise<string> {
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.page.text(text)
      output += text
    })
    await once(child, 'close')
    this.page.judge(output, expectation)
    return output
  }
}

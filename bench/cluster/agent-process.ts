import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What an agent says of its table when it became another. */
export interface TableChange {
  /** Milliseconds since 1970. */
  readonly atMs: number
  readonly hosts: readonly string[]
  readonly services: number
  readonly virtualAddresses: number
}

/** The part of an agent that follows a controller, as a process. */
export class AgentProcess {
  readonly #child: ChildProcess
  readonly #waiting = new Set<(change: TableChange) => void>()

  constructor(port: number, folder: string) {
    const main = fileURLToPath(new URL('agent-main.ts', import.meta.url))
    this.#child = spawn(
      process.execPath,
      ['--max-semi-space-size=16', main, String(port), folder],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    if (!this.#child.stdout) throw new Error('the agent has no output')
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const change = JSON.parse(line) as TableChange
      for (const take of this.#waiting) take(change)
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The next change of which this holds. */
  until(holds: (change: TableChange) => boolean, timeoutMs: number): Promise<TableChange> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the agent did not see it')), timeoutMs)
      const take = (change: TableChange) => {
        if (!holds(change)) return
        clearTimeout(timer)
        this.#waiting.delete(take)
        resolve(change)
      }
      this.#waiting.add(take)
    })
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }
}

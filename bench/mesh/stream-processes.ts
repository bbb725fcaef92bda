import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What a stream says of the table that it holds. */
export interface StreamEvent {
  readonly event: 'synced' | 'applied'
  readonly stream: number
  /** Milliseconds since 1970. */
  readonly atMs: number
  /** Of the responses since the last event. */
  readonly octets: number
  readonly resources: number
  readonly hash: string
}

/** Streams of many agents, in a few processes. */
export class StreamProcesses {
  readonly #children: ChildProcess[] = []
  readonly #count: number
  #waiting: ((event: StreamEvent) => void) | undefined

  constructor(port: number, count: number, processes: number) {
    this.#count = count
    const main = fileURLToPath(new URL('streams-main.ts', import.meta.url))
    const share = Math.ceil(count / processes)
    for (let first = 0; first < count; first += share) {
      const words = [main, port, first, Math.min(share, count - first)].map(String)
      const child = spawn(process.execPath, ['--max-old-space-size=8192', ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      this.#children.push(child)
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#waiting?.(JSON.parse(line) as StreamEvent)
      })
    }
  }

  /** One event of each stream, from now on. */
  events(kind: 'synced' | 'applied', timeoutMs: number): Promise<readonly StreamEvent[]> {
    const heard = new Map<number, StreamEvent>()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`only ${heard.size} of ${this.#count} streams ${kind} in time`))
      }, timeoutMs)
      this.#waiting = (event) => {
        if (event.event === kind) heard.set(event.stream, event)
        if (heard.size < this.#count) return
        clearTimeout(timer)
        resolve([...heard.values()])
      }
    })
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL')
  }
}

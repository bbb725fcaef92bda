import { readdirSync, readlinkSync } from 'node:fs'

/** Between two looks at what is left. */
const pollMs = 20
/** Looks that processes may take to end by themselves, and again to be gone when killed. */
const patience = 50

/** Identity of a process's network namespace; `undefined` when there is no such process. */
export function networkNamespaceOf(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined
  }
}

/**
 * Ends every process that is still in the namespace, the caller excepted: asked first, then killed.
 *
 * Blocks until they are gone, a second or two at worst.
 */
export function endLeftovers(namespace: string): void {
  for (const pid of processesIn(namespace)) signalProcess(pid, 'SIGTERM')
  for (let look = 0; look < 2 * patience; look += 1) {
    const left = processesIn(namespace)
    if (left.length === 0) return
    if (look >= patience) for (const pid of left) signalProcess(pid, 'SIGKILL')
    pause(pollMs)
  }
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

function processesIn(namespace: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && networkNamespaceOf(pid) === namespace)
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended in the meantime.
  }
}

import { spawn } from 'node:child_process'

/** Runs a command without a shell; rejects unless it ends with 0. A command that takes too long is killed with its children. */
export function probeExec(
  [program = '', ...words]: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // A group of its own, so that all of it can be killed.
  const child = spawn(program, words, { stdio: 'ignore', detached: true })
  const kill = () => {
    if (child.pid !== undefined) killGroup(child.pid)
  }
  signal.addEventListener('abort', kill, { once: true })
  child.on('error', reject)
  child.on('exit', (code, by) => {
    signal.removeEventListener('abort', kill)
    if (code === 0) resolve()
    else reject(new Error(by === null ? `exit code ${code}` : `ended by ${by}`))
  })
  return promise
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

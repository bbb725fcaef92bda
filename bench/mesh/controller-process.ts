import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ControllerProcess {
  readonly pid: number
  /** Of plaintext xDS, on loopback. */
  readonly port: number
  /** From `spawn` until it is ready. */
  readonly startedInMs: number
  stop(): Promise<void>
}

const port = 25_010
const adminPort = 25_014

/**
 * Starts `meshdns controller` for the folder of objects; it is ready when this returns.
 *
 * `flags` are of node, to look into it: `--cpu-prof`, for instance.
 */
export async function startController(
  sources: string,
  folder: string,
  flags: readonly string[],
): Promise<ControllerProcess> {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const words = {
    'run-as': 'root',
    sources,
    'state-folder': join(folder, 'controller-state'),
    'log-level': 'warn',
    'xds-plaintext-address': `127.0.0.1:${port}`,
    'xds-tls-addresses': '127.0.0.1:25012',
    'admin-address': `127.0.0.1:${adminPort}`,
    'xds-limits-new-connections-burst': '10000',
  }
  const begin = performance.now()
  const child = spawn(
    process.execPath,
    [
      ...flags,
      main,
      'controller',
      ...Object.entries(words).map(([flag, value]) => `--${flag}=${value}`),
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error('the controller ended')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    pid: child.pid ?? 0,
    port,
    startedInMs: performance.now() - begin,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function isReady(): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${adminPort}/healthz/ready`)).ok
  } catch {
    return false
  }
}

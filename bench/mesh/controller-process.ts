import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ControllerProcess {
  readonly pid: number
  /** Of plaintext xDS, on loopback. */
  readonly port: number
  /** Of its pages, on loopback. */
  readonly adminPort: number
  /** From `spawn` until it is ready. */
  readonly startedInMs: number
  stop(): Promise<void>
}

export interface ControllerStart {
  /** Options besides those of a measurement, by flag. */
  readonly words: Readonly<Record<string, string>>
  /** Of node, to look into it: `--cpu-prof`, for instance. */
  readonly flags?: readonly string[]
  /** Of its ports. */
  readonly firstPort?: number
}

/** Starts `meshdns controller`; it is ready when this returns. `folder` is for what it keeps. */
export async function startController(
  folder: string,
  { words, flags = [], firstPort = 25_010 }: ControllerStart,
): Promise<ControllerProcess> {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
  const [port, tlsPort, adminPort] = [firstPort, firstPort + 2, firstPort + 4]
  const all = {
    'run-as': 'root',
    'state-folder': join(folder, `controller-state-${port}`),
    'log-level': 'warn',
    'xds-plaintext-address': `127.0.0.1:${port}`,
    'xds-tls-addresses': `127.0.0.1:${tlsPort}`,
    'admin-address': `127.0.0.1:${adminPort}`,
    'xds-limits-new-connections-burst': '10000',
    ...words,
  }
  const begin = performance.now()
  const child = spawn(
    process.execPath,
    [
      ...flags,
      main,
      'controller',
      ...Object.entries(all).map(([flag, value]) => `--${flag}=${value}`),
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
  })
  while (!(await isReady(adminPort))) {
    if (child.exitCode !== null) throw new Error('the controller ended')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    pid: child.pid ?? 0,
    port,
    adminPort,
    startedInMs: performance.now() - begin,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function isReady(adminPort: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${adminPort}/healthz/ready`)).ok
  } catch {
    return false
  }
}

import { fileURLToPath } from 'node:url'
import type { NetworkProcess, PrivateNetwork } from './private-network.ts'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

export interface NetworkControllerOptions {
  readonly sources: string
  readonly stateFolder: string
}

/** Starts `meshdns controller` on the usual ports of the network's loopback; it serves when this returns. */
export async function startNetworkController(
  network: PrivateNetwork,
  { sources, stateFolder }: NetworkControllerOptions,
): Promise<NetworkProcess> {
  const words = ['--run-as', 'root', '--sources', sources, '--state-folder', stateFolder]
  const controller = network.start([process.execPath, main, 'controller', ...words])
  await controller.stdout.line(/"msg":"serving"/).catch((error: unknown) => {
    throw new Error(`the controller did not start: ${controller.stderr.text}`, { cause: error })
  })
  return controller
}

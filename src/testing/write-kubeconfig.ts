import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A kubeconfig for a server that asks nobody who he is; gives its path. */
export async function writeKubeconfig(
  folder: string,
  server: string,
  name = 'test',
): Promise<string> {
  const path = join(folder, 'kubeconfig')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name: 'test', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name, context: { cluster: 'test', user: 'test', namespace: 'of-user' } }],
  }
  await writeFile(path, JSON.stringify(config))
  return path
}

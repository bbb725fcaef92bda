import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestCluster } from '../start-cluster.ts'

/** How a service account is called as a user. */
export function userOf(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`
}

/** A kubeconfig with no more than a token of a service account; its file. */
export async function accountKubeconfig(
  cluster: TestCluster,
  namespace: string,
  name: string,
): Promise<string> {
  const token = (await cluster.must(['create', 'token', name, '-n', namespace])).trim()
  const view = await cluster.must(['config', 'view', '--raw', '--flatten', '-o', 'json'])
  const config = JSON.parse(view) as { users: unknown[]; contexts: { context: object }[] }
  config.users = [{ name, user: { token } }]
  for (const one of config.contexts) one.context = { ...one.context, user: name }
  const file = join(cluster.folder, `${name}.kubeconfig`)
  await writeFile(file, JSON.stringify(config), { mode: 0o600 })
  return file
}

import { existsSync } from 'node:fs'

/** Where a pod finds its own credentials. */
const podFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Whether we run in a pod that may use its cluster; `env` as the process has it. */
export function isInsideCluster(env: Readonly<Record<string, string | undefined>>): boolean {
  return env['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(`${podFolder}/token`)
}

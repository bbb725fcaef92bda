import { existsSync } from 'node:fs'

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where a pod finds its own credentials. */
export const podFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Whether we run in a pod that may use its cluster. */
export function isInsideCluster(env: Environment): boolean {
  return env['KUBERNETES_SERVICE_HOST'] !== undefined && existsSync(`${podFolder}/token`)
}

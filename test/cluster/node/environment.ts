import type { V1Container, V1EnvVar, V1Pod } from '@kubernetes/client-node'
import { imageOf, usualPath } from './images.ts'
import { readField } from './pod-field.ts'
import { hostNameOf } from './pod-files.ts'
import { readResource } from './resource-field.ts'

/** What a container's environment is made of besides the pod. */
export interface EnvironmentSources {
  /** Data of a ConfigMap or Secret of the pod's namespace; `undefined` when there is none. */
  readonly data: (
    kind: 'configmaps' | 'secrets',
    name: string,
  ) => Promise<Readonly<Record<string, string>> | undefined>
}

/** What every container has. */
const given = {
  PATH: usualPath,
  KUBERNETES_SERVICE_HOST: '10.96.0.1',
  KUBERNETES_SERVICE_PORT: '443',
  KUBERNETES_SERVICE_PORT_HTTPS: '443',
}

/**
 * The environment of a container (Kubernetes: core/v1 EnvVar).
 * @throws when something that is needed is not there, or not supported here.
 */
export async function environmentOf(
  pod: V1Pod,
  container: V1Container,
  sources: EnvironmentSources,
): Promise<Readonly<Record<string, string>>> {
  const image = imageOf(container.image ?? '').env
  const env: Record<string, string> = { ...given, HOSTNAME: hostNameOf(pod), ...image }
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const kind = configMapRef ? 'configmaps' : 'secrets'
    const { name = '', optional = false } = configMapRef ?? secretRef ?? {}
    const data = await sources.data(kind, name)
    if (!data && !optional) throw new Error(`no ${kind} ${name}`)
    for (const [key, value] of Object.entries(data ?? {})) env[prefix + key] = value
  }
  for (const variable of container.env ?? []) {
    const value = await valueOf(pod, container, variable, { ...sources, env })
    if (value !== undefined) env[variable.name] = value
  }
  return env
}

async function valueOf(
  pod: V1Pod,
  container: V1Container,
  { name, value = '', valueFrom }: V1EnvVar,
  { data, env }: EnvironmentSources & { readonly env: Readonly<Record<string, string>> },
): Promise<string | undefined> {
  if (!valueFrom) return expand(value, env)
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom
  if (fieldRef) return readField(pod, fieldRef.fieldPath)
  if (resourceFieldRef) return readResource(pod, container, resourceFieldRef)
  const kind = configMapKeyRef ? 'configmaps' : 'secrets'
  const key = configMapKeyRef ?? secretKeyRef
  if (!key) throw new Error(`${name}: ${Object.keys(valueFrom).join()} is not supported here`)
  const found = (await data(kind, key.name ?? ''))?.[key.key]
  if (found === undefined && !key.optional) throw new Error(`no ${kind} ${key.name}, ${key.key}`)
  return found
}

/** `$(NAME)` becomes its value where there is one, and `$$` a `$`. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\$|\(([^()]*)\))/g, (all, name?: string) =>
    name === undefined ? '$' : (env[name] ?? all),
  )
}

import { isPlainMap } from '../documents/plain-map.ts'
import { annotationsOf, type Pod } from './pod-parts.ts'

/** What was put into a pod, and by whom; Istio's names of the fields, and two of ours. */
export interface InjectionStatus {
  readonly initContainers: readonly string[]
  readonly containers: readonly string[]
  readonly volumes: readonly string[]
  readonly imagePullSecrets: readonly string[]
  readonly revision: string
  readonly injector: string
  /** Of all that was put in: whether a second pass would put in the same. */
  readonly hash: string
}

export const statusAnnotation = 'sidecar.istio.io/status'
export const injectorName = 'meshdns'

/** What a pod says of an earlier pass: nothing, that it was somebody else's, or ours. */
export function readStatus(pod: Pod): InjectionStatus | 'foreign' | undefined {
  const text = annotationsOf(pod).get(statusAnnotation)
  if (text === undefined || text === '') return undefined
  const value = tryParse(text)
  if (!isPlainMap(value) || value['injector'] !== injectorName) return 'foreign'
  const names = (key: string) => {
    const list = value[key]
    return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : []
  }
  return {
    initContainers: names('initContainers'),
    containers: names('containers'),
    volumes: names('volumes'),
    imagePullSecrets: names('imagePullSecrets'),
    revision: String(value['revision']),
    injector: injectorName,
    hash: String(value['hash']),
  }
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

import { createHash } from 'node:crypto'
import { type InjectionStatus, injectorName, statusAnnotation } from './injection-status.ts'
import { listOf, type Named, type Pod, type PodList, specOf, withParts } from './pod-parts.ts'

/** What is put into a pod. */
export interface InjectedParts {
  readonly agent: Named
  /** Missing when nothing is caught. */
  readonly capture?: Named
  readonly native: boolean
  readonly volumes: readonly Named[]
  readonly imagePullSecrets: readonly Named[]
  readonly annotations: Readonly<Record<string, string>>
  readonly revision: string
}

/** A pod as it came, and without what an earlier pass put in. */
export interface PodBefore {
  readonly pod: Pod
  readonly plain: Pod
  readonly status: InjectionStatus | undefined
}

/**
 * Puts the parts into a pod, and notes that.
 *
 * What an earlier pass put in stays as others have changed it since, if we would put in the same again; only its place in
 * the lists of containers is made sure of.
 */
export function putIn({ pod, plain, status }: PodBefore, parts: InjectedParts): Pod {
  const hash = hashOf(parts)
  const held = status?.hash === hash ? status : undefined
  const base = held ? pod : plain
  const there = [...listOf(base, 'initContainers'), ...listOf(base, 'containers')]
  const kept = (part: Named) => there.find(({ name }) => name === part.name) ?? part
  const agent = held ? kept(parts.agent) : parts.agent
  const capture = parts.capture ? [held ? kept(parts.capture) : parts.capture] : []
  const missing = (key: 'volumes' | 'imagePullSecrets') => {
    const names = new Set(listOf(base, key).map(({ name }) => name))
    return parts[key].filter(({ name }) => !names.has(name))
  }
  const [volumes, imagePullSecrets] = [missing('volumes'), missing('imagePullSecrets')]
  const inits = rawList(plain, 'initContainers')
  const containers = rawList(plain, 'containers')
  const done: InjectionStatus = held ?? {
    initContainers: [...capture, ...(parts.native ? [agent] : [])].map(({ name }) => name),
    containers: parts.native ? [] : [agent.name],
    volumes: volumes.map(({ name }) => name),
    imagePullSecrets: imagePullSecrets.map(({ name }) => name),
    revision: parts.revision,
    injector: injectorName,
    hash,
  }
  return withParts(base, {
    spec: {
      // Those that come after a native sidecar can resolve already; without one they do it as if we were not there.
      initContainers: filled(parts.native ? [...capture, agent, ...inits] : [...inits, ...capture]),
      containers: parts.native ? containers : [agent, ...containers],
      volumes: [...rawList(base, 'volumes'), ...volumes],
      imagePullSecrets: filled([...rawList(base, 'imagePullSecrets'), ...imagePullSecrets]),
    },
    annotations: { ...parts.annotations, [statusAnnotation]: JSON.stringify(done) },
  })
}

/** The pod as it was before an earlier pass, but for annotations. */
export function takeOut(
  pod: Pod,
  names: Pick<InjectionStatus, 'initContainers' | 'containers' | 'volumes' | 'imagePullSecrets'>,
): Pod {
  const keys = ['initContainers', 'containers', 'volumes', 'imagePullSecrets'] as const
  const entries = keys.map((key) => {
    const ours = new Set(names[key])
    const left = rawList(pod, key).filter((one) => !ours.has((one as Named | null)?.name ?? ''))
    return [key, key === 'containers' ? left : filled(left)] as const
  })
  return withParts(pod, {
    spec: Object.fromEntries(entries),
    annotations: { [statusAnnotation]: undefined },
  })
}

/** With what has no name, which is the API server's to refuse. */
function rawList(pod: Pod, key: PodList): readonly unknown[] {
  const list = specOf(pod)[key]
  return Array.isArray(list) ? list : []
}

/** A list, if there is anything in it. */
function filled(list: readonly unknown[]): readonly unknown[] | undefined {
  return list.length > 0 ? list : undefined
}

function hashOf(parts: InjectedParts): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

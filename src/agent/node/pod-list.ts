import type { Running } from '../../base/scope.ts'
import { mapAt, type PlainMap, textsOf } from '../../documents/plain-map.ts'
import { namespaceKind, podKind } from '../../kubernetes/source/source-kinds.ts'
import { Reflector } from '../../kubernetes/watch/reflector.ts'
import type { ReflectorPorts } from '../../kubernetes/watch/reflector-options.ts'
import { type NodePod, readNodePod } from './node-pod.ts'
import { modeLabel, reasonToLeave } from './opted-in.ts'

interface NamespaceMode {
  readonly mode?: string
}

/** The pods of a node that take part, as the cluster has them. */
export class PodList implements Running {
  readonly #pods: Reflector<NodePod>
  readonly #namespaces: Reflector<NamespaceMode>
  #onPods: (pods: ReadonlyMap<string, NodePod>) => void = () => {}

  constructor(node: string, ports: ReflectorPorts) {
    this.#pods = new Reflector(
      { kind: podKind.watched, fieldSelector: `spec.nodeName=${node}`, project: readNodePod },
      ports,
    )
    this.#namespaces = new Reflector(
      { kind: namespaceKind.watched, metadataOnly: true, project: readMode },
      ports,
    )
  }

  /** Tells all of them when both lists are in, and again after each change; before that it says nothing. */
  async start(onPods: (pods: ReadonlyMap<string, NodePod>) => void): Promise<this> {
    this.#onPods = onPods
    for (const reflector of [this.#pods, this.#namespaces]) {
      reflector.follow(() => this.#tell())
      reflector.followState(() => this.#tell())
    }
    await Promise.all([this.#pods.start(), this.#namespaces.start()])
    this.#tell()
    return this
  }

  async reload(): Promise<void> {
    await Promise.all([this.#pods.reload(), this.#namespaces.reload()])
  }

  async stop(): Promise<void> {
    this.#onPods = () => {}
    await Promise.all([this.#pods.stop(), this.#namespaces.stop()])
  }

  /** Pods that are left alone, and why; for people. */
  left(): Readonly<Record<string, string>> {
    const reasons = [...this.#pods.items()].flatMap(([key, pod]) => {
      const reason = this.#reason(pod)
      return reason === undefined ? [] : [[key, reason] as const]
    })
    return Object.fromEntries(reasons)
  }

  #tell(): void {
    if (this.#pods.state !== 'synced' || this.#namespaces.state !== 'synced') return
    const pods = [...this.#pods.items().values()].filter((pod) => this.#reason(pod) === undefined)
    this.#onPods(new Map(pods.map((pod) => [pod.uid, pod])))
  }

  #reason(pod: NodePod) {
    return reasonToLeave(pod, this.#namespaces.items().get(`/${pod.namespace}`)?.mode)
  }
}

function readMode({ metadata }: PlainMap): NamespaceMode {
  const mode = textsOf(mapAt(metadata, 'labels'))[modeLabel]
  return mode === undefined ? {} : { mode }
}

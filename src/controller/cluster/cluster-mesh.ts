import { type ClusterPlace, clusterNames } from '../../config/cluster-object-names.ts'
import {
  type ControlPlaneConfig,
  defaultControlPlaneConfig,
} from '../../config/control-plane-config.ts'
import { type ClusterText, readClusterMesh } from '../../config/read-cluster-mesh.ts'
import { type Finding, formatFinding } from '../../documents/finding.ts'
import { asMap, type PlainMap } from '../../documents/plain-map.ts'
import { Reflector } from '../../kubernetes/watch/reflector.ts'
import { meshConfigMapRefused } from '../health.ts'
import type { FollowedMesh } from '../store.ts'
import type { ClusterPorts } from './cluster-ports.ts'

/**
 * What the ConfigMaps say of the mesh; where there are none, the defaults hold.
 *
 * A version that cannot be used changes nothing. While there was no other yet, it is waited for.
 */
export class ClusterMesh implements FollowedMesh {
  readonly #place: ClusterPlace
  readonly #ports: ClusterPorts
  readonly #mesh: Reflector<ClusterText>
  readonly #values: Reflector<ClusterText>
  readonly #followers: ((config: ControlPlaneConfig) => void)[] = []
  readonly #usable = Promise.withResolvers<void>()
  #config: ControlPlaneConfig | undefined

  constructor(place: ClusterPlace, ports: ClusterPorts) {
    this.#place = place
    this.#ports = ports
    const { meshConfigMap, injectorConfigMap } = clusterNames(place)
    this.#mesh = this.#reflect(meshConfigMap, 'mesh')
    this.#values = this.#reflect(injectorConfigMap, 'values')
  }

  /** Resolves when there is something that can be used; a stop of the scope ends the wait. */
  async start(): Promise<this> {
    const { scope, readiness } = this.#ports
    readiness.waitFor('waiting for the ConfigMaps of the mesh')
    scope.onStop('mesh configuration', () => this.#stop())
    for (const text of [this.#mesh, this.#values]) {
      text.follow(() => this.#read())
      text.followState(() => this.#read())
      void text.start()
    }
    await this.#usable.promise
    return this
  }

  current(): ControlPlaneConfig {
    return this.#config ?? defaultControlPlaneConfig
  }

  follow(onConfig: (config: ControlPlaneConfig) => void): void {
    this.#followers.push(onConfig)
  }

  /** The `spec.values` of an IstioOperator as they stand in the cluster, not checked; JSON. */
  values(): ClusterText | undefined {
    return textOf(this.#values)
  }

  #reflect(name: string, key: string): Reflector<ClusterText> {
    const { namespace } = this.#place
    const file = `ConfigMap ${namespace}/${name}`
    return new Reflector(
      {
        kind: { group: '', versions: ['v1'], plural: 'configmaps' },
        namespace,
        fieldSelector: `metadata.name=${name}`,
        project: ({ data }: PlainMap): ClusterText | undefined => {
          const text = asMap(data)[key]
          return typeof text === 'string' ? { text, file } : undefined
        },
      },
      this.#ports,
    )
  }

  async #stop(): Promise<void> {
    this.#usable.resolve()
    await Promise.all([this.#mesh.stop(), this.#values.stop()])
  }

  #read(): void {
    if (!this.#config && !this.#isKnown()) return
    const mesh = textOf(this.#mesh)
    const values = textOf(this.#values)
    const { config, findings } = readClusterMesh({
      ...this.#place,
      ...(mesh ? { mesh } : {}),
      ...(values ? { values } : {}),
    })
    const { health, readiness } = this.#ports
    const fault = findings.find(({ severity }) => severity === 'error')
    if (fault || !config) {
      const [reason = ''] = fault ? formatFinding(fault).split('\n') : []
      health.set(meshConfigMapRefused, reason)
      if (!this.#config) readiness.waitFor(`waiting for a ConfigMap that can be used: ${reason}`)
      return
    }
    health.clear(meshConfigMapRefused)
    this.#take(config, findings)
  }

  /** Whether nothing is there because nothing is; a server that starts denies what it will allow. */
  #isKnown(): boolean {
    const states = [this.#mesh, this.#values].map(({ state }) => state)
    if (states.includes('forbidden')) {
      this.#ports.readiness.waitFor('waiting for ConfigMaps of the mesh that may not be read')
    }
    return states.every((state) => state === 'synced')
  }

  #take(config: ControlPlaneConfig, findings: readonly Finding[]): void {
    const { log } = this.#ports
    const isFirst = this.#config === undefined
    this.#config = config
    if (isFirst && this.#mesh.items().size === 0) {
      const { namespace, meshConfigMap: name } = clusterNames(this.#place)
      log.info({ name, namespace }, 'there is no such config map: the defaults hold')
    }
    for (const { severity, code, message, file, line, column, hint } of findings) {
      const level = severity === 'warning' ? 'warn' : 'info'
      log[level]({ code, file, line, column, reason: message, hint }, 'about the mesh')
    }
    this.#usable.resolve()
    if (isFirst) return
    log.info({ namespace: this.#place.namespace }, 'the configuration of the mesh changed')
    for (const onConfig of this.#followers) onConfig(config)
  }
}

/** Of the one object that is followed. */
function textOf(reflector: Reflector<ClusterText>): ClusterText | undefined {
  const [text] = reflector.items().values()
  return text
}

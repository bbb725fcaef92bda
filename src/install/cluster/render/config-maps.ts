import type { ClusterNames } from '../../../config/cluster-object-names.ts'
import type { InstallConfig } from '../../../config/install-config.ts'
import { valueAt } from '../../../config/layer.ts'
import { mapAt } from '../../../documents/plain-map.ts'
import { sortedYaml } from '../../onboarding/sorted-yaml.ts'
import { treeWithout } from '../../said-tree.ts'
import type { ClusterObject } from '../object.ts'
import { ownMetadata } from './metadata.ts'

/** Profiles are said here, too: the controller knows none. */
const notSaid = /^built-in$/

/** What holds for the whole mesh, where tools of Istio look for it. */
export function renderMeshConfigMap(names: ClusterNames, config: InstallConfig): ClusterObject {
  const said = mapAt(treeWithout(config.settings, notSaid), 'meshConfig')
  const effective = mapAt(config.settings.tree, 'meshConfig')
  const { rootNamespace, trustDomain } = effective
  const mesh = {
    rootNamespace,
    trustDomain,
    ...said,
    defaultConfig: {
      discoveryAddress: valueAt(effective, ['defaultConfig', 'discoveryAddress']),
      ...mapAt(said, 'defaultConfig'),
    },
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: ownMetadata(names, names.meshConfigMap),
    data: { mesh: sortedYaml(mesh) },
  }
}

/** What holds for injected pods. */
export function renderInjectorConfigMap(names: ClusterNames, config: InstallConfig): ClusterObject {
  const said = treeWithout(config.settings, notSaid)
  const values = mapAt(said, 'values')
  const { hub, tag } = said
  const all = {
    ...values,
    revision: names.revision,
    global: {
      ...(hub === undefined ? {} : { hub }),
      ...(tag === undefined ? {} : { tag }),
      istioNamespace: names.namespace,
      ...mapAt(values, 'global'),
    },
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: ownMetadata(names, names.injectorConfigMap),
    data: { values: `${JSON.stringify(all, undefined, 2)}\n` },
  }
}

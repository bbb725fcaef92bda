import { CaSecret } from '../controller/cluster/ca-secret.ts'
import { CaFolder } from '../identity/ca-folder.ts'
import type { CaStore } from '../identity/ca-store.ts'
import { IdentityOptions } from '../identity/options.ts'
import { controllerLayout } from '../install/controller/layout.ts'
import {
  clusterOptions,
  controlPlaneOption,
  namespaceSaid,
  openCluster,
  readTarget,
  sameNamespaceOption,
  targetOption,
} from './cluster-target.ts'
import type { Invocation, OptionSpec } from './command.ts'

/** Where the CA is: that of this machine's controller, or of a cluster's. */
export const caPlaceOptions: readonly OptionSpec[] = [
  {
    flags: '--state-folder <path>',
    summary: 'state folder of the controller of this machine',
    fallback: controllerLayout.state,
  },
  {
    flags: '--ca-folder <path>',
    summary: "folder of the CA's files; without it, the folder ca of the state folder",
  },
  targetOption,
  ...clusterOptions,
  controlPlaneOption,
  sameNamespaceOption,
]

export const longestCertificateOption: OptionSpec = {
  flags: '--longest-certificate <seconds>',
  summary: 'longest lifetime of a certificate that the controller gives',
  fallback: String(IdentityOptions.shape.maxCertificateSeconds.def.defaultValue),
}

/**
 * @throws {UsageError} when both a machine and a cluster are meant.
 * @throws {ClusterAccessError} when there is no cluster.
 */
export async function openCaPlace(invocation: Invocation): Promise<CaStore> {
  const { options, io } = invocation
  const words = { machine: ['state-folder', 'ca-folder'], cluster: ['istioNamespace', 'namespace'] }
  if (readTarget(invocation, words).target === 'cluster') {
    const namespace = namespaceSaid(invocation) ?? 'istio-system'
    return new CaSecret({ client: await openCluster(invocation), namespace, clock: io.clock })
  }
  const state = options.text('state-folder') ?? controllerLayout.state
  return new CaFolder(options.text('ca-folder') ?? `${state}/ca`)
}

import { z } from 'zod'
import {
  namespacePattern,
  namespaceRule,
  revisionPattern,
  revisionRule,
} from '../../config/place-names.ts'
import { ClusterAllocationOptions } from '../../kubernetes/allocation/options.ts'
import { LeaderOptions } from '../../kubernetes/leader/options.ts'

/** The cluster that a controller lives with. */
export const KubernetesOptions = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe(
      'Whether the mesh comes from a Kubernetes cluster instead of files. Said by itself in a pod that may use its cluster and is given no files.',
    )
    .meta({ flag: 'kubernetes' }),
  kubeconfig: z
    .string()
    .default('')
    .describe(
      'File that says how the cluster is reached, or several with `:` between them; empty for KUBECONFIG, ~/.kube/config or the cluster that we run in, whichever there is.',
    )
    .meta({ flag: 'kubeconfig' }),
  context: z
    .string()
    .default('')
    .describe('Which cluster of the kubeconfig is meant; empty for its current one.')
    .meta({ flag: 'kube-context' }),
  namespace: z
    .string()
    .regex(namespacePattern, namespaceRule)
    .default('')
    .describe(
      'Namespace of the controller (Istio: POD_NAMESPACE), with its lease, its CA and what holds for the mesh; empty for the one of our pod, else istio-system.',
    ),
  revision: z
    .string()
    .regex(revisionPattern, revisionRule)
    .default('')
    .describe(
      'Which of several controllers we are (Istio: REVISION): it reads the ConfigMaps `istio-REVISION` and `istio-sidecar-injector-REVISION`. Empty for the only one.',
    ),
  podName: z
    .string()
    .default('')
    .describe('Name of our pod (Istio: POD_NAME), by which a lease is held; empty for the host’s.'),
  allocation: ClusterAllocationOptions.prefault({}),
  leader: LeaderOptions.prefault({}),
})
export type KubernetesOptions = z.infer<typeof KubernetesOptions>

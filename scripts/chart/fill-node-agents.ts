import { fillHoles, type Hole, image, optional, variablesOf } from './holes.ts'

/** What an IstioOperator says stands in variables of the agents; nothing said is as in the profile. */
const variables: readonly (readonly [string, string])[] = [
  [
    'CA_ADDR',
    'dig "caAddress" "" .Values.global | default (printf "istiod.%s.svc:15012" .Release.Namespace)',
  ],
  ['TRUST_DOMAIN', 'dig "trustDomain" "" .Values.meshConfig | default "cluster.local"'],
  [
    'ISTIO_META_CLUSTER_ID',
    'dig "multiCluster" "clusterName" "" .Values.global | default "Kubernetes"',
  ],
  [
    'MESHDNS_ROOT_NAMESPACE',
    'dig "rootNamespace" "" .Values.meshConfig | default .Release.Namespace',
  ],
  [
    'MESHDNS_CLUSTER_DOMAIN',
    'dig "proxy" "clusterDomain" "" .Values.global | default "cluster.local"',
  ],
]

const holes: readonly Hole[] = [
  { pattern: /(?<= image: )meshdns\/meshdns:version$/gm, text: image },
  { pattern: /^(?= {10}resources:$)/gm, text: variablesOf('nodeEnv') },
  { pattern: /^(?= {6}containers:$)/m, text: optional(6, 'imagePullSecrets') },
  ...variables.map(([name, expression]) => ({
    pattern: new RegExp(`(?<= name: ${name}\\n {14}value: ).*$`, 'm'),
    text: `{{ ${expression} | quote }}`,
  })),
]

/** Makes a template of the node agents; every other object stays as it is. */
export function fillNodeAgents(text: string): string {
  return /^kind: DaemonSet$/m.test(text) ? fillHoles(text, holes) : text
}

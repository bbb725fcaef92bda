import { fillHoles, type Hole, image, optional, variablesOf } from './holes.ts'

const holes: readonly Hole[] = [
  { pattern: /(?<= {2}replicas: )2$/m, text: '{{ .Values.replicaCount }}' },
  { pattern: /(?<= image: )meshdns\/meshdns:version$/m, text: image },
  {
    pattern: /(?<= {10}resources:\n)(?: {12}.*\n)+/,
    text: '            {{- toYaml .Values.resources | nindent 12 }}\n',
  },
  {
    pattern: /^( {6}affinity:\n)((?: {8}.*\n)+)/m,
    text: `$1        {{- if .Values.affinity }}\n        {{- toYaml .Values.affinity | nindent 8 }}\n        {{- else }}\n$2        {{- end }}\n`,
  },
  {
    pattern: /^(?= {6}containers:$)/m,
    text:
      optional(6, 'nodeSelector') +
      optional(6, 'tolerations') +
      optional(6, 'imagePullSecrets') +
      '      {{- with .Values.priorityClassName }}\n      priorityClassName: {{ . | quote }}\n      {{- end }}\n',
  },
  {
    pattern: /^(?= {10}ports:$)/m,
    text: variablesOf('env'),
  },
]

/** Makes a template of a Deployment; every other object stays as it is. */
export function fillDeployment(text: string): string {
  return /^kind: Deployment$/m.test(text) ? fillHoles(text, holes) : text
}

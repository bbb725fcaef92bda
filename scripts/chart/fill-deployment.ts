/** A piece of a Deployment, and what stands there in the chart. */
interface Hole {
  readonly pattern: RegExp
  readonly text: string
}

const image =
  '{{ .Values.image | default (printf "%s/meshdns:%s" .Values.hub (.Values.tag | default .Chart.AppVersion)) | quote }}'

const optional = (indent: number, name: string) => {
  const space = ' '.repeat(indent)
  return (
    `${space}{{- with .Values.${name} }}\n` +
    `${space}${name}:\n${space}  {{- toYaml . | nindent ${indent + 2} }}\n` +
    `${space}{{- end }}\n`
  )
}

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
    text:
      '            {{- range $name, $value := .Values.env }}\n' +
      '            - name: {{ $name }}\n              value: {{ $value | toString | quote }}\n' +
      '            {{- end }}\n',
  },
]

/** Makes a template of a Deployment; every other object stays as it is. */
export function fillDeployment(text: string): string {
  if (!/^kind: Deployment$/m.test(text)) return text
  return holes.reduce((filled, { pattern, text: hole }) => {
    if (!pattern.test(filled)) throw new Error(`the Deployment has nothing like ${pattern}`)
    return filled.replace(pattern, (_, ...groups: readonly string[]) =>
      hole.replaceAll(/\$(\d)/g, (_match, at: string) => groups[Number(at) - 1] ?? ''),
    )
  }, text)
}

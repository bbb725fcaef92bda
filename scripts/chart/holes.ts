/** A piece of an object, and what stands there in the chart. */
export interface Hole {
  readonly pattern: RegExp
  readonly text: string
}

export const image =
  '{{ .Values.image | default (printf "%s/meshdns:%s" .Values.hub (.Values.tag | default .Chart.AppVersion)) | quote }}'

/** A field of a pod's specification, where there is such a value. */
export const optional = (indent: number, name: string) => {
  const space = ' '.repeat(indent)
  return (
    `${space}{{- with .Values.${name} }}\n` +
    `${space}${name}:\n${space}  {{- toYaml . | nindent ${indent + 2} }}\n` +
    `${space}{{- end }}\n`
  )
}

/** More variables of a container, from a map of values. */
export const variablesOf = (name: string) =>
  `            {{- range $name, $value := .Values.${name} }}\n` +
  '            - name: {{ $name }}\n              value: {{ $value | toString | quote }}\n' +
  '            {{- end }}\n'

/** Makes a template of an object; each hole must be found in it. */
export function fillHoles(text: string, holes: readonly Hole[]): string {
  return holes.reduce((filled, { pattern, text: hole }) => {
    if (!pattern.test(filled)) throw new Error(`the object has nothing like ${pattern}`)
    return filled.replace(pattern, (_, ...groups: readonly string[]) =>
      hole.replaceAll(/\$(\d)/g, (_match, at: string) => groups[Number(at) - 1] ?? ''),
    )
  }, text)
}

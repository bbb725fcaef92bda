const metadata = (name: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: {{ .Release.Namespace }}
  labels:
    app.kubernetes.io/managed-by: {{ .Release.Service }}
    app.kubernetes.io/part-of: meshdns
    istio.io/rev: default
`

const mesh =
  '(dict "rootNamespace" .Release.Namespace "trustDomain" "cluster.local" ' +
  '"defaultConfig" (dict "discoveryAddress" (printf "istiod.%s.svc:15012" .Release.Namespace)))'

const values =
  '(dict "revision" "default" "sidecarInjectorWebhook" .Values.sidecarInjectorWebhook ' +
  '"global" (dict "istioNamespace" .Release.Namespace "hub" .Values.hub "tag" (.Values.tag | default .Chart.AppVersion)))'

/** What an IstioOperator says is in the values of a release: `meshConfig` and `global`. */
export const configMapTemplates: readonly (readonly [string, string])[] = [
  [
    'templates/config.yaml',
    `${metadata('istio')}data:
  mesh: |
    {{- toYaml (mergeOverwrite ${mesh} .Values.meshConfig) | nindent 4 }}
`,
  ],
  [
    'templates/config.yaml',
    `${metadata('istio-sidecar-injector')}data:
  values: |
    {{- toPrettyJson (mergeOverwrite ${values} (dict "global" .Values.global)) | nindent 4 }}
`,
  ],
]

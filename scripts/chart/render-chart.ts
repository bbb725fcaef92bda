import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readInstallConfig } from '../../src/config/install-config.ts'
import { definitions } from '../../src/install/cluster/definitions/definitions.ts'
import { objectText } from '../../src/install/cluster/manifest-text.ts'
import type { ClusterObject } from '../../src/install/cluster/object.ts'
import { allManifests, renderManifests } from '../../src/install/cluster/render/manifests.ts'
import { root } from '../../test/architecture/tree.ts'
import { configMapTemplates } from './config-map-templates.ts'
import { fillDeployment } from './fill-deployment.ts'
import { fillNodeAgents } from './fill-node-agents.ts'

/** Stands where Helm puts the namespace of a release. */
const namespace = 'namespace-of-the-release'

const head = '# Printed from the code by `npm run chart`; a test compares. Do not edit it here.\n'

/** The Helm chart, by path within its folder: the objects of `meshdns install`, with holes for values. */
export function renderChart(): ReadonlyMap<string, string> {
  const objects = objectsOf('default')
  const known = new Set(objects.map(keyOf))
  const ofNodes = objectsOf('ambient').filter((object) => !known.has(keyOf(object)))
  const files = new Map<string, string>([['Chart.yaml', chartText()]])
  for (const [plural, definition] of definitions) {
    files.set(`crds/${plural}.yaml`, head + objectText(definition))
  }
  const texts = [
    ...objects.map((object) => [fileOf(object.kind), objectText(object)] as const),
    ...configMapTemplates,
  ]
  for (const [file, text] of texts) {
    const before = files.get(file)
    const filled = fillDeployment(fillMetadata(text))
    files.set(file, before === undefined ? head + filled : `${before}---\n${filled}`)
  }
  const nodes = ofNodes.map((object) => fillNodeAgents(fillMetadata(objectText(object))))
  files.set(
    'templates/node-agents.yaml',
    `${head}{{- if .Values.nodeAgents }}\n${nodes.join('---\n')}{{- end }}\n`,
  )
  files.set('values.yaml', readFileSync(join(root, 'scripts/chart/values.yaml'), 'utf8'))
  return files
}

function objectsOf(profile: string): readonly ClusterObject[] {
  const { config } = readInstallConfig({
    files: [],
    sets: [`namespace=${namespace}`, `profile=${profile}`],
    target: 'cluster',
  })
  if (!config) throw new Error('the chart has no configuration')
  return allManifests(renderManifests(config, 'version')).filter(
    ({ kind }) => !['Namespace', 'CustomResourceDefinition', 'ConfigMap'].includes(kind),
  )
}

function keyOf({ kind, metadata }: ClusterObject): string {
  return `${kind} ${metadata.name}`
}

function fileOf(kind: string): string {
  const isAdmission = kind.endsWith('WebhookConfiguration')
  if (isAdmission) return 'templates/webhooks.yaml'
  if (/Role|Account/.test(kind)) return 'templates/roles.yaml'
  return kind === 'Service' ? 'templates/service.yaml' : 'templates/controller.yaml'
}

function fillMetadata(text: string): string {
  return text
    .replaceAll(namespace, '{{ .Release.Namespace }}')
    .replaceAll(/(app\.kubernetes\.io\/managed-by:) meshdns$/gm, '$1 {{ .Release.Service }}')
}

function chartText(): string {
  const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string
    readonly description: string
  }
  return (
    head +
    objectText({
      apiVersion: 'v2',
      name: 'meshdns',
      description,
      type: 'application',
      version,
      appVersion: version,
      kubeVersion: '>=1.28.0-0',
    })
  )
}

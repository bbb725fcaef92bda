import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatFinding } from '../documents/finding.ts'
import { readMeshConfig } from './read-mesh-config.ts'

interface Case {
  readonly name: string
  readonly text: string
  /** The root namespace, and where it was written; or the findings. */
  readonly want: string | readonly string[]
}

const configMap = (mesh: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio }\ndata:\n  mesh: |-\n${mesh.replaceAll(/^/gm, '    ')}\n`

const cases: readonly Case[] = [
  { name: 'an empty file', text: '# nothing\n', want: 'istio-system built-in' },
  { name: 'a MeshConfig', text: 'trustDomain: a\nrootNamespace: mesh\n', want: 'mesh mesh 2:16' },
  {
    name: 'the ConfigMap of Istio',
    text: configMap('trustDomain: a\nrootNamespace: mesh'),
    want: 'mesh mesh 7:20',
  },
  { name: 'a ConfigMap with an empty text', text: configMap(''), want: 'istio-system built-in' },
  {
    name: 'a fault inside of a ConfigMap',
    text: configMap('a: [\n'),
    want: [
      'mesh.yaml:6:9: error[YAML_SYNTAX]: data.mesh: line 1 of the text: Flow sequence in block collection must be sufficiently indented and end with a ]\n' +
        '  hint: Mend the YAML inside of this text.',
    ],
  },
  {
    name: 'another object',
    text: 'kind: IstioOperator\n',
    want: [
      'mesh.yaml:1:7: error[MESH_CONFIG]: kind: this is not a MeshConfig, but a "IstioOperator"\n' +
        '  hint: A MeshConfig has no kind; it begins with fields such as defaultConfig.',
    ],
  },
  {
    name: 'a second document',
    text: 'trustDomain: a\n---\ntrustDomain: b\n',
    want: [
      'mesh.yaml:3:1: error[MESH_CONFIG]: this is a second document; one MeshConfig is wanted\n' +
        '  hint: Keep objects in files of their own.',
    ],
  },
  {
    name: 'a text',
    text: 'hello',
    want: ['mesh.yaml:1:1: error[SCHEMA]: must be a map, not "hello"'],
  },
]

describe('readMeshConfig reads', () => {
  for (const { name, text, want } of cases) {
    it(name, () => {
      const { mesh, findings } = readMeshConfig(text, 'mesh.yaml')
      if (!mesh) {
        assert.deepEqual(findings.map(formatFinding), want)
        return
      }
      const found = mesh.settings.list.find(({ path }) => path[0] === 'rootNamespace')
      const origin = found?.origin
      const place = origin?.layer.locate(origin.path)
      const at = place ? ` ${place.line}:${place.column}` : ''
      assert.equal(`${mesh.rootNamespace} ${origin?.layer.level}${at}`, want)
    })
  }
})

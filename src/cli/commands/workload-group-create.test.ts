import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { meshdns } from '../../testing/command-line.ts'

const create = ['workload', 'group', 'create']
const named = [...create, '--name', 'foo', '--namespace', 'bar']

const head = `apiVersion: networking.istio.io/v1
kind: WorkloadGroup
metadata:
  name: foo
  namespace: bar
spec:
`

interface Case {
  readonly name: string
  /** A space apart. */
  readonly words: string
  readonly want: string
}

const printed: readonly Case[] = [
  {
    name: 'a group without anything',
    words: '',
    want: `${head}  metadata: {}\n  template:\n    serviceAccount: default\n`,
  },
  {
    name: 'every flag, in order of the keys',
    words:
      '--labels bar=baz,app=foo -l equals=a.b --annotations note=x=y --ports http=8080,grpc=3550 --serviceAccount test',
    want: `${head}  metadata:
    annotations:
      note: x=y
    labels:
      app: foo
      bar: baz
      equals: a.b
  template:
    ports:
      grpc: 3550
      http: 8080
    serviceAccount: test
`,
  },
]

const refused: readonly { readonly words: readonly string[]; readonly want: RegExp }[] = [
  { words: create, want: /the group has no name\nhint: .*--name/ },
  { words: [...create, '--name', 'foo'], want: /the group has no namespace\nhint: .*--namespace/ },
  { words: [...named, '--ports', 'http'], want: /: http is not a port/ },
  { words: [...named, '--ports', 'http=x'], want: /http=x is not a port/ },
  { words: [...named, '--ports', 'http=65536'], want: /http=65536 is not a port/ },
  { words: [...create, '--name', 'Foo', '-n', 'bar'], want: /metadata\.name: "Foo" is not an/ },
  { words: [...create, '--name', 'foo', '-n', 'a/b'], want: /metadata\.namespace: "a\/b" is not/ },
]

describe('meshdns workload group create', () => {
  for (const { name, words, want } of printed) {
    it(`prints ${name}`, () => {
      const { stdout, stderr, status } = meshdns(...named, ...words.split(' ').filter(Boolean))
      assert.deepEqual([stdout, stderr, status], [want, '', 0])
    })
  }

  for (const { words, want } of refused) {
    it(`refuses ${words.slice(3).join(' ') || 'no word'}`, () => {
      const { stdout, stderr, status } = meshdns(...words)
      assert.match(stderr, want)
      assert.deepEqual([stdout, status], ['', 2])
    })
  }
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments } from './documents.ts'

/** Objects and findings, each with where it stands. */
function read(text: string) {
  const { documents, findings } = readDocuments(text, 'x.yaml')
  return {
    objects: documents.map(
      ({ value, line, column }) => `${line}:${column} ${JSON.stringify(value)}`,
    ),
    findings: findings.map(({ code, line, column }) => `${code} ${line}:${column}`),
  }
}

interface Case {
  readonly name: string
  readonly text: string
  readonly objects: readonly string[]
  readonly findings?: readonly string[]
}

const cases: readonly Case[] = [
  { name: 'one document', text: 'a: 1\n', objects: ['1:1 {"a":1}'] },
  {
    name: 'many documents, with comments and empty ones between',
    text: '# first\na: 1\n---\n---\n# none\n---\n\nb: 2\n---\n',
    objects: ['2:1 {"a":1}', '8:1 {"b":2}'],
  },
  {
    name: 'a marker with content behind it',
    text: '--- {a: 1}\n--- # b\nb: 2',
    objects: ['1:5 {"a":1}', '3:1 {"b":2}'],
  },
  {
    name: 'documents that end with dots',
    text: 'a: 1\n...\nb: 2\n...\n---\nc: 3\n',
    objects: ['1:1 {"a":1}', '3:1 {"b":2}', '6:1 {"c":3}'],
  },
  {
    name: 'lines that end as on Windows',
    text: 'a: 1\r\n---\r\nb: 2\r\n',
    objects: ['1:1 {"a":1}', '3:1 {"b":2}'],
  },
  { name: 'a mark at the beginning of the file', text: '\uFEFFa: 1\n', objects: ['1:1 {"a":1}'] },
  {
    name: 'directives',
    text: '%YAML 1.2\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n',
    objects: ['3:1 {"a":1}', '7:1 {"b":2}'],
  },
  { name: 'JSON', text: '{\n  "a": [1, null, "x"]\n}\n', objects: ['1:1 {"a":[1,null,"x"]}'] },
  {
    name: 'three hyphens that are no marker',
    text: 'a: |\n  ---\n  b\n---c: 1\n',
    objects: ['1:1 {"a":"---\\nb\\n","---c":1}'],
  },
  {
    name: 'anchors, aliases and merged maps',
    text: 'a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}\n',
    objects: ['1:1 {"a":{"b":1},"c":{"b":1},"d":{"b":1,"e":2}}'],
  },
  {
    name: 'a mistake, and the documents round it',
    text: 'a: 1\n---\nb: [1\nc: 2\n---\nd: "open\n---\ne: 5\n',
    objects: ['1:1 {"a":1}', '8:1 {"e":5}'],
    findings: ['YAML_SYNTAX 4:1', 'YAML_SYNTAX 7:1'],
  },
  {
    name: 'tabs for spaces',
    text: 'a:\n\tb: 1\n',
    objects: [],
    findings: ['YAML_SYNTAX 2:1'],
  },
  {
    name: 'the same key twice',
    text: 'a: 1\nb: 2\na: 3\n',
    objects: [],
    findings: ['YAML_SYNTAX 3:1'],
  },
  {
    name: 'an alias inside its own anchor',
    text: 'a: 1\nb: &x [&y [*x], *y]\n',
    objects: [],
    findings: ['YAML_SYNTAX 2:12'],
  },
  {
    name: 'an alias of nothing',
    text: 'a: *b\n',
    objects: [],
    findings: ['YAML_SYNTAX 1:4'],
  },
  { name: 'an empty file', text: '', objects: [], findings: ['NO_OBJECTS 1:1'] },
  { name: 'comments alone', text: '# a\n---\n# b\n', objects: [], findings: ['NO_OBJECTS 1:1'] },
  { name: 'octets that are no text', text: 'a\0b', objects: [], findings: ['BINARY_FILE 1:1'] },
  {
    name: 'a list, and what it holds',
    text: 'kind: List\nitems:\n- a: 1\n-\n  b: 2\n',
    objects: ['3:3 {"a":1}', '5:3 {"b":2}'],
  },
  {
    name: 'an empty list',
    text: 'kind: List\nitems: []\n',
    objects: [],
    findings: ['NO_OBJECTS 1:1'],
  },
  {
    name: 'a typed list, whose items take kind and version from it',
    text: 'kind: PodList\napiVersion: v1\nitems:\n- {}\n- {kind: Own}\n',
    objects: ['4:3 {"apiVersion":"v1","kind":"Pod"}', '5:3 {"apiVersion":"v1","kind":"Own"}'],
  },
]

describe('readDocuments', () => {
  for (const { name, text, objects, findings = [] } of cases) {
    it(`reads ${name}`, () => assert.deepEqual(read(text), { objects, findings }))
  }

  for (const value of [
    '*hidden',
    '|hidden',
    '!x!hidden a',
    '"\\uhid"',
    '"a" hidden',
    '"hidden',
    '[hidden',
    ']hidden',
    '@hidden',
    'hidden: a',
  ]) {
    it(`does not quote ${value} in a finding: it may be secret`, () => {
      const { documents, findings } = readDocuments(`password: ${value}\n`, 'x.yaml')
      assert.deepEqual([documents.length, findings.length], [0, 1])
      assert.doesNotMatch(JSON.stringify(findings), /hid/)
    })
  }

  it('refuses aliases that multiply', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const before = level === 0 ? '"lol"' : `*l${level - 1}`
      return `l${level}: &l${level} [${Array(9).fill(before).join(', ')}]`
    })
    assert.deepEqual(read(levels.join('\n')), { objects: [], findings: ['YAML_SYNTAX 1:1'] })
  })

  it('refuses what is nested without end, and reads on', () => {
    const deep = '['.repeat(100_000)
    assert.deepEqual(read(`a: ${deep}\n---\nb: 1\n`).objects, ['3:1 {"b":1}'])
  })
})

const located = `kind: List
items:
- kind: A
  spec:
    ports:
    - number: 80
      name: http
    empty:
    text: "x"
    merged: &m { a: 1 }
    alias: *m
`

const places: readonly {
  readonly name: string
  readonly path: (string | number)[]
  readonly want: string
}[] = [
  { name: 'the object', path: [], want: '3:3' },
  { name: 'a plain value: itself', path: ['spec', 'text'], want: '9:11' },
  { name: 'a list: its key', path: ['spec', 'ports'], want: '5:5' },
  { name: 'a map: its key', path: ['spec'], want: '4:3' },
  { name: 'an item: itself', path: ['spec', 'ports', 0], want: '6:7' },
  { name: 'a value in an item', path: ['spec', 'ports', 0, 'name'], want: '7:13' },
  { name: 'a value left empty: its key', path: ['spec', 'empty'], want: '8:5' },
  {
    name: 'a missing field: what it is missing in',
    path: ['spec', 'ports', 0, 'protocol'],
    want: '6:7',
  },
  { name: 'a missing item: its list', path: ['spec', 'ports', 7], want: '5:5' },
  { name: 'something behind an alias: the anchor', path: ['spec', 'alias', 'a'], want: '10:21' },
]

describe('locate', () => {
  for (const { name, path, want } of places) {
    it(`finds ${name}`, () => {
      const [document] = readDocuments(located, 'x.yaml').documents
      const { line, column } = document?.locate(path) ?? {}
      assert.equal(`${line}:${column}`, want)
    })
  }

  it('finds the name of a field', () => {
    const [document] = readDocuments(located, 'x.yaml').documents
    assert.deepEqual(document?.locateKey(['spec', 'ports', 0], 'name'), { line: 7, column: 7 })
    assert.deepEqual(document?.locateKey(['spec', 'ports', 0], 'gone'), { line: 6, column: 7 })
  })
})

describe('reading a file again', () => {
  const first = 'a: 1\n---\nb: [\n---\nc: 3\n---\nc: 3\n'
  const before = readDocuments(first, 'x.yaml')
  const second = `# new\n---\nz: 0\n---\n${first.replace('a: 1', 'a: 2')}`

  it('says the same as reading it for the first time', () => {
    const again = readDocuments(second, 'x.yaml', before)
    const fresh = readDocuments(second, 'x.yaml')
    assert.deepEqual(again.findings, fresh.findings)
    const placesOf = (read: typeof again) =>
      read.documents.map((one) => ({ value: one.value, at: one.locate(['c']), line: one.line }))
    assert.deepEqual(placesOf(again), placesOf(fresh))
  })

  it('takes over the values that did not change', () => {
    const again = readDocuments(second, 'x.yaml', before)
    assert.equal(again.documents.at(-1)?.value, before.documents.at(-1)?.value)
  })

  it('forgets what is gone', () => {
    const again = readDocuments('a: 1\n', 'x.yaml', before)
    assert.deepEqual([...again.chunks.keys()], ['a: 1\n'])
  })
})

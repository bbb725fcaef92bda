import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments } from './documents.ts'
import { readEmbedded } from './embedded.ts'
import type { Path } from './path.ts'

interface Case {
  readonly name: string
  readonly outer: string
  /** What is looked for in the inner text. */
  readonly at: Path
  /** LINE:COLUMN in the outer file; the message of the first fault where there is one. */
  readonly want: string
}

const cases: readonly Case[] = [
  {
    name: 'a literal block, to the character',
    outer: 'x: 1\ntext: |\n    a: 1\n    b:\n      c: 2\n',
    at: ['b', 'c'],
    want: '5:10',
  },
  {
    name: 'a literal block that begins with empty lines',
    outer: 'text: |-\n\n  a: 1\n  b: 2\n',
    at: ['b'],
    want: '4:6',
  },
  { name: 'a quoted line', outer: 'text: "{a: 1, b: 2}"\n', at: ['b'], want: '1:18' },
  { name: 'a plain line', outer: 'text: aa\n', at: [], want: '1:7' },
  {
    name: 'a text with escapes, by its start',
    outer: 'text: "a: 1\\nb: 2"',
    at: ['b'],
    want: '1:7',
  },
  {
    name: 'a folded block, by its start',
    outer: 'text: >\n  a: 1\n\n  b: 2\n',
    at: ['b'],
    want: '1:7',
  },
  {
    name: 'a fault, with its line in the text',
    outer: 'text: |\n  a: 1\n  b: [\n',
    at: [],
    want: 'line 3 of the text: Flow sequence in block collection must be sufficiently indented and end with a ]',
  },
  {
    name: 'a text that is too large',
    outer: `text: ${'x'.repeat(32_769)}\n`,
    at: [],
    want: 'line 1 of the text: is too large: at most 32768 characters',
  },
  {
    name: 'a second document',
    outer: 'text: |\n  a: 1\n  ---\n  b: 1\n',
    at: [],
    want: 'line 3 of the text: this text holds several YAML documents; only one makes sense',
  },
]

describe('readEmbedded finds', () => {
  for (const { name, outer, at, want } of cases) {
    it(name, () => {
      const [document] = readDocuments(outer, 'x.yaml').documents
      assert.ok(document)
      const { text } = document.value as { text: string }
      const read = readEmbedded(document, { path: ['text'], text })
      const place = read.document?.locate(at)
      assert.equal(place ? `${place.line}:${place.column}` : read.findings[0]?.message, want)
      assert.equal(read.document?.file ?? read.findings[0]?.file, 'x.yaml')
    })
  }

  it('nothing in an empty text', () => {
    const [document] = readDocuments('text: ""', 'x.yaml').documents
    assert.ok(document)
    assert.deepEqual(readEmbedded(document, { path: ['text'], text: '' }), { findings: [] })
  })
})

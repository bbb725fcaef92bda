import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePodAnnotations } from './pod-annotations.ts'

interface Case {
  readonly name: string
  readonly text: string
  readonly want: Readonly<Record<string, string>>
}

const cases: readonly Case[] = [
  { name: 'nothing', text: '', want: {} },
  { name: 'a line', text: 'a.b/c="x"\n', want: { 'a.b/c': 'x' } },
  {
    name: 'lines of a text',
    text: String.raw`a="x: 1\ny: \"2\"\n"`,
    want: { a: 'x: 1\ny: "2"\n' },
  },
  { name: 'a backslash before a letter', text: String.raw`a="\\n"`, want: { a: '\\n' } },
  { name: 'codes', text: String.raw`a="\x41\u00e9\U0001F600\t"`, want: { a: 'Aé😀\t' } },
  { name: 'an equals sign in a value', text: 'a="b=c"', want: { a: 'b=c' } },
  { name: 'no line that is none', text: 'a=b\n="x"\nb="\\q"\nc="\nd="1"\r\n', want: { d: '1' } },
]

describe('parsePodAnnotations reads', () => {
  for (const { name, text, want } of cases) {
    it(name, () => {
      const read = [...parsePodAnnotations(text)].map(([key, { value }]) => [key, value])
      assert.deepEqual(Object.fromEntries(read), want)
    })
  }

  it('the line of each', () => {
    assert.equal(parsePodAnnotations('a="1"\n\nb="2"').get('b')?.line, 3)
  })
})

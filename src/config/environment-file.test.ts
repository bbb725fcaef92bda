import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readEnvironmentText } from './environment-file.ts'

interface Case {
  readonly name: string
  readonly text: string
  readonly want: Readonly<Record<string, string>>
}

const cases: readonly Case[] = [
  { name: 'nothing', text: '', want: {} },
  { name: 'plain words', text: 'A=1\nB=two\n', want: { A: '1', B: 'two' } },
  { name: 'no value', text: "A=\nB=''\n", want: { A: '', B: '' } },
  { name: 'comments and blank lines', text: '# A=1\n\n  B=2 # no\n;C=3\n', want: { B: '2' } },
  { name: 'single quotes', text: `A='x "y" $z'\n`, want: { A: 'x "y" $z' } },
  { name: 'a quote inside', text: `A='it'"'"'s'\n`, want: { A: "it's" } },
  {
    name: 'double quotes',
    text: String.raw`A="x \"y\" \$z \n"`,
    want: { A: String.raw`x "y" $z \n` },
  },
  { name: 'two lines', text: "A='one\nB=two'\nC=3\n", want: { A: 'one\nB=two', C: '3' } },
  { name: 'an escape', text: 'A=a\\ b\n', want: { A: 'a b' } },
  { name: 'export', text: 'export A=1\n', want: { A: '1' } },
  { name: 'the last one of a name', text: 'A=1\nA=2\n', want: { A: '2' } },
  { name: 'what is no variable', text: 'if true; then\n1A=2\nA B=3\n', want: {} },
  { name: 'a quote that does not end', text: "A='x\nB=2\n", want: { A: '', B: '2' } },
]

describe('readEnvironmentText', () => {
  for (const { name, text, want } of cases) {
    it(`reads ${name}`, () => {
      const entries = [...readEnvironmentText(text)].map(([key, { value }]) => [key, value])
      assert.deepEqual(Object.fromEntries(entries), want)
    })
  }

  it('says where each stands', () => {
    const lines = [...readEnvironmentText("A='1\n2'\n\nB=3\n")].map(([name, { line }]) => [
      name,
      line,
    ])
    assert.deepEqual(lines, [
      ['A', 1],
      ['B', 4],
    ])
  })
})

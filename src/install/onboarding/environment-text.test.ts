import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { formatEnvironment } from './environment-text.ts'

const hostile: readonly { readonly name: string; readonly value: string }[] = [
  { name: 'a quote', value: "it's" },
  { name: 'a command', value: '$(id) `id` ; id' },
  { name: 'two lines', value: 'one\nTWO=two' },
  { name: 'a quote at the end', value: "'" },
  { name: 'an escape', value: String.raw`\n \' "` },
  { name: 'spaces around', value: '  x  ' },
]

describe('formatEnvironment', () => {
  for (const { name, value } of hostile) {
    it(`keeps ${name} for a shell as it is`, () => {
      const script = `${formatEnvironment({ VALUE: value })}printf %s "$VALUE"; printf %s "$TWO"`
      const shell = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: {} })
      assert.equal(shell, value)
    })
  }

  it('writes lines in order, a value of nothing included', () => {
    assert.equal(formatEnvironment({ B: 'b', A1: '', A: 'a' }), "A1=''\nA='a'\nB='b'\n")
  })

  const refused: readonly { readonly name: string; readonly variables: Record<string, string> }[] =
    [
      { name: 'a name that is a command', variables: { 'A; id #': '' } },
      { name: 'a name with a line feed', variables: { 'A\nB': '' } },
      { name: 'an empty name', variables: { '': '' } },
      { name: 'a name that begins with a digit', variables: { '1A': '' } },
      { name: 'code for Node.js', variables: { NODE_OPTIONS: '--require /tmp/x.js' } },
      { name: 'code for the loader', variables: { LD_PRELOAD: '/tmp/x.so' } },
      { name: 'other programs', variables: { PATH: '/tmp' } },
      { name: 'a NUL', variables: { A: 'a\0b' } },
    ]
  for (const { name, variables } of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => formatEnvironment(variables), { code: 'INSTALL_VARIABLE' })
    })
  }
})

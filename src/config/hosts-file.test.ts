import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseHosts } from './hosts-file.ts'

interface Case {
  readonly name: string
  readonly text: string
  readonly want: Readonly<Record<string, readonly string[]>>
}

const cases: readonly Case[] = [
  { name: 'an empty file', text: '', want: {} },
  {
    name: 'several names of one address, in any case, with a last dot',
    text: '192.0.2.1\tIstiod.istio-system.svc istiod. # the gateway\n',
    want: { 'istiod.istio-system.svc': ['192.0.2.1'], istiod: ['192.0.2.1'] },
  },
  {
    name: 'one name with several addresses, each once',
    text: '127.0.0.1 localhost\n::1 localhost\n127.0.0.1 localhost other\n',
    want: { localhost: ['127.0.0.1', '::1'], other: ['127.0.0.1'] },
  },
  {
    name: 'comments, addresses without names, and nonsense',
    text: '# 192.0.2.1 a\n192.0.2.2\nnot-an-address b\n  192.0.2.3   c  ',
    want: { c: ['192.0.2.3'] },
  },
]

describe('parseHosts (hosts(5))', () => {
  for (const { name, text, want } of cases) {
    it(name, () => assert.deepEqual(Object.fromEntries(parseHosts(text)), want))
  }
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostname } from '../testing/mesh.ts'
import { matchesHost } from './matches-host.ts'

interface Case {
  readonly name: string
  readonly host: string
  readonly asked: string
  readonly want: boolean
}

const cases: readonly Case[] = [
  { name: 'a host is itself', host: 'a.test', asked: 'a.test', want: true },
  { name: 'a host is not its parent', host: 'a.test', asked: 'b.a.test', want: false },
  { name: 'a wildcard is a name below it', host: '*.a.test', asked: 'x.a.test', want: true },
  { name: 'a wildcard is a name far below', host: '*.a.test', asked: 'x.y.a.test', want: true },
  { name: 'a wildcard is not its domain', host: '*.a.test', asked: 'a.test', want: false },
  { name: 'a wildcard is no neighbour', host: '*.a.test', asked: 'ba.test', want: false },
  { name: 'a wildcard may end in a label', host: '*-x.test', asked: 'web-x.test', want: true },
]

describe('matchesHost', () => {
  for (const { name, host, asked, want } of cases) {
    it(name, () => assert.equal(matchesHost(hostname(host), hostname(asked)), want))
  }
})

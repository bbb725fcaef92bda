import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isTrustedHost } from './host-header.ts'

interface Case {
  readonly header: string | undefined
  readonly trusted: boolean
}

const cases: readonly Case[] = [
  { header: undefined, trusted: true },
  { header: '', trusted: true },
  { header: 'localhost', trusted: true },
  { header: 'LocalHost:15020', trusted: true },
  { header: 'localhost.:15020', trusted: true },
  { header: '127.0.0.1:15020', trusted: true },
  { header: '10.1.2.3', trusted: true },
  { header: '[::1]:15020', trusted: true },
  { header: '[fe80::1%25eth0]:15020', trusted: true },
  { header: 'agent.corp.test:15020', trusted: true },
  { header: 'evil.test', trusted: false },
  { header: 'localhost.evil.test', trusted: false },
  { header: '127.0.0.1.evil.test', trusted: false },
  { header: '::1', trusted: false },
  { header: '[localhost]', trusted: false },
  { header: 'localhost:15020:1', trusted: false },
  { header: 'local\thost', trusted: false },
]

describe('isTrustedHost', () => {
  for (const { header, trusted } of cases) {
    it(`${trusted ? 'trusts' : 'refuses'} ${JSON.stringify(header) ?? 'no header'}`, () => {
      assert.equal(isTrustedHost(header, ['Agent.corp.test.']), trusted)
    })
  }
})

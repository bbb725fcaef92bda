import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostnameFault, isWildcard, tryParseHostname } from './hostname.ts'

interface Case {
  readonly name: string
  readonly text: string
  /** `undefined` when it is no host. */
  readonly want: string | undefined
}

const longest = 'a'.repeat(63)

const cases: readonly Case[] = [
  { name: 'a name of one label', text: 'mydb', want: 'mydb' },
  { name: 'capitals, in lower case', text: 'Api.Test', want: 'api.test' },
  { name: 'a last dot, taken off', text: 'api.test.', want: 'api.test' },
  { name: 'a label of 63 characters', text: `${longest}.test`, want: `${longest}.test` },
  { name: 'digits in front', text: '1and1.test', want: '1and1.test' },
  { name: 'a wildcard', text: '*.test', want: '*.test' },
  { name: 'a wildcard for part of a label', text: '*foo.test', want: '*foo.test' },
  { name: 'a wildcard and a hyphen', text: '*-foo.test', want: '*-foo.test' },
  { name: 'everything', text: '*', want: undefined },
  { name: 'everything, with a dot', text: '*.', want: undefined },
  { name: 'a wildcard and a hyphen alone', text: '*-.test', want: undefined },
  { name: 'a wildcard that is not first', text: 'a.*.test', want: undefined },
  { name: 'a wildcard at a label’s end', text: 'a*.test', want: undefined },
  { name: 'nothing', text: '', want: undefined },
  { name: 'a dot', text: '.', want: undefined },
  { name: 'an empty label', text: 'a..b', want: undefined },
  { name: 'two last dots', text: 'a.b..', want: undefined },
  { name: 'a label of 64 characters', text: `a${longest}.test`, want: undefined },
  { name: 'more than 255 characters', text: `${'abcdefg.'.repeat(32)}ab`, want: undefined },
  { name: 'an underscore', text: '_tcp.test', want: undefined },
  { name: 'a hyphen at an end', text: 'a-.test', want: undefined },
  { name: 'a last label of digits', text: 'a.1', want: undefined },
  { name: 'an IPv4 address', text: '192.0.2.1', want: undefined },
  { name: 'letters of other scripts', text: 'bücher.test', want: undefined },
  { name: 'a line feed behind', text: 'a.test\n', want: undefined },
]

describe('tryParseHostname', () => {
  for (const { name, text, want } of cases) {
    it(`${want === undefined ? 'refuses' : 'takes'} ${name}`, () => {
      assert.equal(tryParseHostname(text), want)
      assert.equal(hostnameFault(text) === undefined, want !== undefined)
    })
  }
})

describe('isWildcard', () => {
  for (const { text, want } of [
    { text: '*.test', want: true },
    { text: '*foo.test', want: true },
    { text: 'a.test', want: false },
  ]) {
    it(`is ${want} for ${text}`, () => {
      const host = tryParseHostname(text)
      assert.ok(host !== undefined)
      assert.equal(isWildcard(host), want)
    })
  }
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readSetExpression } from './set-expression.ts'

interface Case {
  readonly name: string
  readonly text: string
  /** Path and value; the column and the message of a fault. */
  readonly want: readonly [readonly unknown[], unknown] | string
}

const cases: readonly Case[] = [
  {
    name: 'names',
    text: 'meshConfig.rootNamespace=mesh',
    want: [['meshConfig', 'rootNamespace'], 'mesh'],
  },
  { name: 'a leading spec', text: 'spec.profile=demo', want: [['profile'], 'demo'] },
  { name: 'dots in names', text: String.raw`values.a\.b.c=1`, want: [['values', 'a.b', 'c'], 1] },
  {
    name: 'a backslash in a name',
    text: String.raw`values.a\\b=x`,
    want: [['values', 'a\\b'], 'x'],
  },
  {
    name: 'items',
    text: 'meshConfig.trustDomainAliases[1]=x',
    want: [['meshConfig', 'trustDomainAliases', 1], 'x'],
  },
  { name: 'items behind a dot', text: 'a.[0].b=x', want: [['a', 0, 'b'], 'x'] },
  { name: 'items of items', text: 'a[0][1].b=x', want: [['a', 0, 1, 'b'], 'x'] },
  { name: 'true', text: 'a=true', want: [['a'], true] },
  { name: 'false as Go writes it', text: 'a=F', want: [['a'], false] },
  { name: 'whole numbers', text: 'a=-12', want: [['a'], -12] },
  { name: 'fractions', text: 'a=0.5', want: [['a'], 0.5] },
  {
    name: 'numbers that are too large as texts',
    text: 'a=99999999999999999999',
    want: [['a'], '99999999999999999999'],
  },
  { name: 'an equals sign in a value', text: 'a=b=c', want: [['a'], 'b=c'] },
  { name: 'an empty value', text: 'a=', want: [['a'], ''] },
  { name: 'an escaped comma', text: String.raw`a=b\,c`, want: [['a'], 'b,c'] },
  {
    name: 'true as a text in proxyMetadata',
    text: 'meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE=true',
    want: [['meshConfig', 'defaultConfig', 'proxyMetadata', 'ISTIO_META_DNS_CAPTURE'], 'true'],
  },
  {
    name: 'numbers as texts in the environment',
    text: 'values.pilot.env.X=1',
    want: [['values', 'pilot', 'env', 'X'], '1'],
  },
  { name: 'no equals sign', text: 'a.b', want: '4 there is no "="' },
  { name: 'no name', text: '=1', want: '1 a name is missing at character 1' },
  { name: 'two dots', text: 'a..b=1', want: '3 a name is missing at character 3' },
  { name: 'a dot at the end', text: 'a.=1', want: '3 a name is missing at character 3' },
  { name: 'an item at the beginning', text: '[0]=1', want: '1 a name is missing at character 1' },
  { name: 'an item by its name', text: 'a[name:x]=1', want: '2 [name:x] is no item of a list' },
  { name: 'an open bracket', text: 'a[0=1', want: '2 a name is missing at character 2' },
  { name: 'a name behind a bracket', text: 'a[0]b=1', want: '5 a name is missing at character 5' },
]

describe('readSetExpression reads', () => {
  for (const { name, text, want } of cases) {
    it(name, () => {
      const read = readSetExpression(text)
      if ('message' in read) assert.equal(`${read.column} ${read.message}`, want)
      else assert.deepEqual([read.path, read.value], want)
    })
  }
})

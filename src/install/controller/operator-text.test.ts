import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { readInstallConfig } from '../../config/install-config.ts'
import { renderOperator } from './operator-text.ts'

interface Case {
  readonly name: string
  /** The `spec` of each file. */
  readonly files: readonly unknown[]
  readonly sets?: readonly string[]
  /** The `spec` that is written. */
  readonly want: unknown
}

const cases: readonly Case[] = [
  { name: 'nothing of what nobody said', files: [], want: {} },
  {
    name: 'files in their order, and --set over them',
    files: [
      { meshConfig: { trustDomain: 'a.test', rootNamespace: 'root' } },
      { meshConfig: { trustDomain: 'b.test', defaultConfig: { concurrency: 2 } } },
    ],
    sets: ['meshConfig.defaultConfig.concurrency=4', 'values.pilot.env.A=b'],
    want: {
      meshConfig: {
        trustDomain: 'b.test',
        rootNamespace: 'root',
        defaultConfig: { concurrency: 4 },
      },
      values: { pilot: { env: { A: 'b' } } },
    },
  },
  {
    name: 'the name of a profile, and what it says not',
    files: [{ profile: 'preview' }],
    want: { profile: 'preview' },
  },
  {
    name: 'texts as texts, and fields that have no effect',
    files: [
      {
        meshConfig: {
          accessLogFile: '/dev/stdout',
          defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true', EMPTY: '' } },
          defaultServiceExportTo: ['.', 'shop'],
        },
      },
    ],
    want: {
      meshConfig: {
        accessLogFile: '/dev/stdout',
        defaultConfig: { proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true', EMPTY: '' } },
        defaultServiceExportTo: ['.', 'shop'],
      },
    },
  },
]

function configOf(files: readonly string[], sets: readonly string[] = []) {
  const named = files.map((text, at) => ({ file: `${at}.yaml`, text }))
  const { config, findings } = readInstallConfig({ files: named, sets })
  assert.ok(config, JSON.stringify(findings))
  return config
}

describe('renderOperator', () => {
  for (const { name, files, sets, want } of cases) {
    it(`writes ${name}`, () => {
      const texts = files.map((spec) =>
        JSON.stringify({ apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec }),
      )
      const config = configOf(texts, sets)
      const text = renderOperator(config)
      assert.deepEqual((parse(text) as { readonly spec: unknown }).spec, want)
      const again = configOf([text])
      assert.deepEqual(again.settings.tree, config.settings.tree)
      assert.equal(renderOperator(again), text)
    })
  }
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bundleFiles, writeBundle } from '../../testing/bundle.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { readBundle, wantsCapture } from './bundle.ts'

interface Case {
  readonly name: string
  readonly changes: Partial<Record<keyof typeof bundleFiles, string | undefined>>
  readonly want: RegExp
}

const refused: readonly Case[] = [
  { name: 'no token', changes: { 'istio-token': undefined }, want: /it lacks istio-token$/ },
  {
    name: 'several files missing',
    changes: { hosts: undefined, 'mesh.yaml': undefined },
    want: /it lacks mesh\.yaml, hosts$/,
  },
  { name: 'an empty token', changes: { 'istio-token': '\n' }, want: /istio-token is empty/ },
  { name: 'no certificate', changes: { 'root-cert.pem': 'x' }, want: /holds no certificate/ },
  { name: 'an empty environment', changes: { 'cluster.env': '' }, want: /cluster\.env is empty/ },
  { name: 'an empty mesh', changes: { 'mesh.yaml': '' }, want: /mesh\.yaml is empty/ },
  {
    name: 'an environment that runs other code',
    changes: { 'cluster.env': "A='a'\nNODE_OPTIONS='--require /tmp/x.js'\n" },
    want: /cluster\.env sets NODE_OPTIONS/,
  },
  {
    name: 'a hosts file that says more than where names are',
    changes: { hosts: '192.0.2.1 a\n# END meshdns\n' },
    want: /hosts has the line "# END meshdns"/,
  },
  {
    name: 'a file of two million octets',
    changes: { 'cluster.env': 'x'.repeat(2_000_000) },
    want: /cluster\.env has more than 1048576 octets/,
  },
]

describe('readBundle', () => {
  it('takes what workload entry configure writes', async (test) => {
    const folder = writeBundle(await temporaryFolder(test))
    assert.deepEqual(readBundle(folder), bundleFiles)
  })

  it('takes an empty hosts file', async (test) => {
    const folder = writeBundle(await temporaryFolder(test), { hosts: '' })
    assert.equal(readBundle(folder).hosts, '')
  })

  for (const { name, changes, want } of refused) {
    it(`refuses ${name}`, async (test) => {
      const folder = writeBundle(await temporaryFolder(test), changes)
      assert.throws(() => readBundle(folder), { code: 'INSTALL_BUNDLE', message: want })
    })
  }
})

describe('wantsCapture', () => {
  for (const [text, want] of [
    ["ISTIO_META_DNS_CAPTURE='true'\n", true],
    ["ISTIO_META_DNS_CAPTURE='false'\n", false],
    ["OTHER='true'\n", false],
    ["A='x\nISTIO_META_DNS_CAPTURE=true'\n", false],
  ] as const) {
    it(`says ${want} of ${JSON.stringify(text)}`, () => {
      assert.equal(wantsCapture({ ...bundleFiles, 'cluster.env': text }), want)
    })
  }
})

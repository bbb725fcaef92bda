import 'reflect-metadata'
import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  type JsonGeneralName,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { readSpiffeId } from './certificate-identity.ts'

interface Case {
  readonly name: string
  readonly names: readonly JsonGeneralName[]
  readonly want?: string
}

const url = (value: string): JsonGeneralName => ({ type: 'url', value })
const dns = (value: string): JsonGeneralName => ({ type: 'dns', value })
const mine = url('spiffe://cluster.local/ns/a/sa/b')

const cases: readonly Case[] = [
  { name: 'one URI of a workload', names: [mine], want: 'a/b' },
  { name: 'names besides it', names: [dns('a.test'), mine, dns('b.test')], want: 'a/b' },
  { name: 'no name', names: [] },
  { name: 'no URI', names: [dns('a.test')] },
  { name: 'a URI of something else', names: [url('https://a.test/ns/a/sa/b')] },
  { name: 'two URIs', names: [mine, url('spiffe://cluster.local/ns/a/sa/c')] },
  { name: 'a DNS name that looks like two names', names: [dns(`a.test, URI:${mine.value}`)] },
  { name: 'such a name, quoted by itself', names: [dns(`a", URI:${mine.value}, DNS:"b`)] },
  { name: 'a URI that looks like two names', names: [url(`${mine.value}, DNS:a.test`)] },
]

describe('readSpiffeId', () => {
  for (const { name, names, want } of cases) {
    it(`${want === undefined ? 'finds nobody' : 'reads who it is'}: ${name}`, async () => {
      const id = readSpiffeId(await certificateOf(names))
      assert.equal(id && `${id.namespace}/${id.serviceAccount}`, want)
    })
  }

  it('refuses what is no certificate', () => {
    assert.throws(() => readSpiffeId(Uint8Array.of(0x30, 0)))
  })
})

async function certificateOf(names: readonly JsonGeneralName[]): Promise<Uint8Array> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const extensions = names.length > 0 ? [new SubjectAlternativeNameExtension([...names])] : []
  const certificate = await X509CertificateGenerator.createSelfSigned({ keys, extensions })
  return new Uint8Array(certificate.rawData)
}

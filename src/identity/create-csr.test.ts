import 'reflect-metadata'
import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import { createCsr } from './create-csr.ts'
import { createPrivateKey } from './key-pair.ts'

describe('createCsr (RFC 2986)', () => {
  // Signatures are of different lengths.
  for (let round = 1; round <= 8; round += 1) {
    it(`makes what a library reads and believes, time ${round}`, async () => {
      const key = await createPrivateKey()
      const request = new Pkcs10CertificateRequest(await createCsr(key))
      assert.equal(await request.verify(), true)
      assert.equal(request.subject, '')
      assert.equal(request.attributes.length, 0)
      // Readers that are stricter miss the attributes when not even an empty list of them is there.
      assert.match(Buffer.from(request.rawData).toString('hex'), /^3081..3062(..){96}a000300a0608/)
      const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
      assert.deepEqual(Buffer.from(request.publicKey.rawData), publicKey)
    })
  }
})

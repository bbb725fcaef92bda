import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import dnsPacket from 'dns-packet'
import { fixtureMesh } from '../../src/testing/fixture-mesh.ts'
import { Machine } from '../../src/testing/machine.ts'
import { privateNetworksSkip } from '../../src/testing/private-network.ts'
import { queryOctets } from '../../src/testing/resolver-rig.ts'

const client = fileURLToPath(new URL('../../src/testing/raw-client-main.ts', import.meta.url))

/** More addresses than the largest datagram of the test holds. */
const addresses = Array.from({ length: 256 }, (_, at) => `10.7.${at >> 4}.${at & 15}`)
const crowd = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: crowd, namespace: ns1 }
spec:
  hosts: [crowd.mesh.test]
  addresses: [${addresses.join(', ')}]
  ports: [{ number: 80, name: http, protocol: HTTP }]
`

interface Case {
  readonly name: string
  readonly question: string
  /** Records when nothing is left out. */
  readonly whole: number
  /** From one size to the next; 3 meets all remainders of a record's 16 octets. */
  readonly step: number
}

const cases: readonly Case[] = [
  { name: 'a host of the mesh', question: 'crowd.mesh.test A', whole: addresses.length, step: 3 },
  {
    name: 'an upstream that sends too much over UDP',
    question: 'big.up.test A',
    whole: 42,
    step: 1,
  },
]

describe('the size of an answer', { skip: privateNetworksSkip() }, () => {
  let machine: Machine
  before(async () => {
    machine = await Machine.start({ mesh: `${fixtureMesh}${crowd}` })
  })
  after(() => machine[Symbol.asyncDispose]())

  // Row 1.
  it('is cut with TC, not failed, when an upstream sends more than was asked for', async () => {
    const { status, flags, octets } = await machine.dig('+noedns', '+ignore', 'big.up.test')
    assert.equal(status, 'NOERROR')
    assert.ok(flags.includes('tc'))
    assert.ok(octets <= 512, `${octets} octets`)
    const { answer, flags: overTcp } = await machine.dig('+noedns', 'big.up.test')
    assert.equal(answer.length, 42)
    assert.ok(!overTcp.includes('tc'))
    const failures = [...(await machine.agent.metrics())].filter(([name]) => /servfail/.test(name))
    assert.deepEqual(
      failures.filter(([, count]) => count > 0),
      [],
    )
  })

  // Row 3.
  it('does not matter over TCP, for the mesh and upstream', async () => {
    const plain = await machine.dig('+tcp', 'plain.mesh.test')
    assert.deepEqual(plain.answer, ['plain.mesh.test. A 10.9.0.1'])
    machine.forgetAsked()
    const { answer, flags } = await machine.dig('+tcp', 'big.up.test')
    assert.equal(answer.length, 42)
    assert.ok(!flags.includes('tc'))
    assert.deepEqual(machine.asked(), ['big.up.test. A tcp'])
  })

  // Row 2.
  for (const { name, question, whole, step } of cases) {
    it(`never exceeds what the client can take, and TC says when something is missing: ${name}`, async () => {
      // Sizes below 512 mean 512; 0 stands for a client without EDNS.
      const sizes = [0, 1, 511]
      for (let size = 512; size <= 4096; size += step) sizes.push(size)
      const queries = sizes.map((size) =>
        queryOctets(question, size === 0 ? {} : { edns: { udpPayloadOctets: size } }),
      )
      const hex = queries.map((octets) => Buffer.from(octets).toString('hex')).join('\n')
      const { stdout } = await machine.network.run([process.execPath, client, '127.0.0.1:53'], hex)
      const replies = stdout.trimEnd().split('\n')
      assert.equal(replies.length, sizes.length)
      for (const [at, size] of sizes.entries()) {
        const octets = Buffer.from(replies[at] ?? '', 'hex')
        const limit = Math.max(size, 512)
        assert.ok(octets.length <= limit, `${octets.length} octets for ${size}`)
        const { answers = [], flag_tc: isCut } = dnsPacket.decode(octets)
        assert.equal((octets[3] ?? 0) & 0x0f, 0)
        assert.equal(isCut, answers.length < whole, `${answers.length} records for ${size}`)
        // Another record of 16 octets would not have fitted.
        if (isCut) assert.ok(octets.length > limit - 16, `only ${octets.length} for ${size}`)
      }
    })
  }
})

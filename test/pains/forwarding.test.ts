import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { dataOf } from '../../src/testing/dig-reply.ts'
import { fixtureMesh } from '../../src/testing/fixture-mesh.ts'
import { Machine } from '../../src/testing/machine.ts'
import { privateNetworksSkip } from '../../src/testing/private-network.ts'

/** Entries without an address whose endpoints are workloads; nothing gives them a virtual one. */
const selectors = ['STATIC', 'DNS']
  .map(
    (resolution, at) => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: picked-${at}, namespace: ns1 }
spec:
  hosts: [picked-${at}.up.test, picked-${at}.mesh.test]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  location: MESH_INTERNAL
  resolution: ${resolution}
  workloadSelector: { labels: { app: picked } }
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: picked-${at}, namespace: ns1, labels: { app: picked } }
spec: { address: 10.6.0.${at + 1} }
`,
  )
  .join('')

const upstream = '@127.0.0.53'

describe('what upstreams say', { skip: privateNetworksSkip() }, () => {
  let machine: Machine
  before(async () => {
    machine = await Machine.start({
      mesh: `${fixtureMesh}${selectors}`,
      flags: ['--virtual-addresses-allocate', 'false'],
    })
  })
  after(() => machine[Symbol.asyncDispose]())

  // Row 9.
  for (const question of [
    'srv.up.test SRV',
    'alias.up.test A',
    'v4only.up.test AAAA',
    'nx.up.test MX',
    'txt8k.up.test TXT',
    'big.up.test A',
  ]) {
    for (const transport of ['+notcp', '+tcp']) {
      it(`reaches the client section by section: ${question} ${transport}`, async () => {
        const words = [transport, '+nocookie', ...question.split(' ')]
        const [ours, theirs] = [await machine.dig(...words), await machine.dig(upstream, ...words)]
        const { status, flags, answer, authority, additional } = ours
        assert.ok(answer.length + authority.length > 0, 'the upstream says nothing')
        assert.deepEqual(
          { status, flags, answer, authority, additional },
          {
            status: theirs.status,
            flags: theirs.flags,
            answer: theirs.answer,
            authority: theirs.authority,
            additional: theirs.additional,
          },
        )
      })
    }
  }

  // Row 10.
  it('keeps its rcode and its SOA', async () => {
    const codes = [1, 2, 3, 4, 5, 6, 8, 9, 12, 15, 17, 23, 4000]
    for (const code of codes) {
      const words = ['+nocookie', '+tries=1', '+time=30', `rcode${code}.up.test`]
      const [ours, theirs] = [await machine.dig(...words), await machine.dig(upstream, ...words)]
      assert.deepEqual([ours.status, ours.authority], [theirs.status, theirs.authority])
      assert.notEqual(ours.status, 'NOERROR')
    }
  })

  // Row 11.
  it('is the answer for an entry without an address, never the workloads that it selects', async () => {
    machine.forgetAsked()
    for (const host of ['picked-0.up.test', 'picked-1.up.test']) {
      assert.deepEqual(dataOf(await machine.dig(host)), ['203.0.113.4'])
      assert.deepEqual(machine.asked(), [`${host}. A udp`])
      machine.forgetAsked()
    }
    for (const host of ['picked-0.mesh.test', 'picked-1.mesh.test']) {
      const { status, answer } = await machine.dig(host)
      assert.deepEqual([status, answer], ['NXDOMAIN', []])
    }
  })

  // Row 10.
  it('is never NXDOMAIN when it says nothing: SERVFAIL, with the reason', async () => {
    // Last of all: an impatient agent is no good for the others.
    await machine.agent.end('SIGTERM')
    await machine.startAgent(['--resolver-forward-timeout-ms', '100'])
    const { status, answer, authority, extendedErrors } = await machine.dig('drop.up.test')
    assert.deepEqual(
      { status, answer, authority },
      { status: 'SERVFAIL', answer: [], authority: [] },
    )
    assert.deepEqual(extendedErrors, ['23 (Network Error): (no reply in time)'])
  })
})

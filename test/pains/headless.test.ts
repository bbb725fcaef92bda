import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { dataOf } from '../../src/testing/dig-reply.ts'
import { Machine } from '../../src/testing/machine.ts'
import { privateNetworksSkip } from '../../src/testing/private-network.ts'

interface Pod {
  readonly hostname: string
  readonly address: string
  readonly ready?: boolean
}

/** A headless Service and its endpoints. */
function headless(name: string, pods: readonly Pod[], publishNotReady = false): string {
  const endpoints = pods.map(
    ({ hostname, address, ready = true }) =>
      `- { addresses: [${address}], hostname: ${hostname}, conditions: { ready: ${ready} } }`,
  )
  return `---
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ns1 }
spec:
  clusterIP: None
  publishNotReadyAddresses: ${publishNotReady}
  ports: [{ port: 5432, name: pg }]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, namespace: ns1, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
ports: [{ name: pg, port: 5432 }]
endpoints:
${endpoints.join('\n')}
`
}

/** Far beyond what anything takes, so that a hang becomes a failure. */
const patienceMs = 120_000

/** How often one may ask, each time with a program of its own, until an answer is new: a second's worth. */
const fewQuestions = 40

/** The three endpoints after that many rollouts; no address ever comes back. */
function generation(at: number): readonly Pod[] {
  return [0, 1, 2].map((pod) => ({ hostname: `db-${pod}`, address: `10.8.${at}.${pod + 1}` }))
}

const domain = 'ns1.svc.cluster.local'
const rollouts = 20

describe('a headless service', { skip: privateNetworksSkip() }, () => {
  let machine: Machine
  before(async () => {
    machine = await Machine.start({ mesh: headless('hl', generation(0)) })
  })
  after(() => machine[Symbol.asyncDispose]())

  /** Asks until the answer is this. Returns every answer that was another, and the milliseconds it took. */
  async function waitFor(wanted: readonly string[]) {
    const others: string[] = []
    const started = performance.now()
    for (;;) {
      const found = dataOf(await machine.dig(`hl.${domain}`))
      if (found.join() === wanted.join()) {
        return { others, tookMs: performance.now() - started }
      }
      others.push(found.join())
      assert.ok(performance.now() - started < patienceMs, `still ${found.join()}`)
    }
  }

  // Row 12.
  it('is its new endpoints, all of them and no others, soon after they were replaced', async (test) => {
    const times: number[] = []
    const asked: number[] = []
    for (let at = 1; at <= rollouts; at += 1) {
      machine.write(headless('hl', generation(at)))
      const { others, tookMs } = await waitFor(generation(at).map(({ address }) => address))
      times.push(tookMs)
      asked.push(others.length)
      const before = generation(at - 1).map(({ address }) => address)
      assert.deepEqual([...new Set(others)], others.length > 0 ? [before.join()] : [])
    }
    for (const { hostname, address } of generation(rollouts)) {
      assert.deepEqual(dataOf(await machine.dig(`${hostname}.hl.${domain}`)), [address])
    }
    const medianOf = (numbers: readonly number[]) =>
      numbers.toSorted((a, b) => a - b)[rollouts >> 1] ?? 0
    const most = Math.max(...times)
    test.diagnostic(`median ${medianOf(times).toFixed()} ms, at most ${most.toFixed()} ms`)
    assert.ok(medianOf(asked) < fewQuestions, `asked ${medianOf(asked)} times`)
  })

  // Row 12.
  it('loses an endpoint that is not ready any more', async () => {
    const pods = generation(rollouts + 1)
    const broken = pods.map((pod, at) => ({ ...pod, ready: at !== 1 }))
    machine.write(headless('hl', pods))
    await waitFor(pods.map(({ address }) => address))
    machine.write(headless('hl', broken))
    await waitFor([pods[0]?.address ?? '', pods[2]?.address ?? ''])
    assert.equal((await machine.dig(`db-1.hl.${domain}`)).status, 'NXDOMAIN')
  })

  // Row 13.
  for (const publishNotReady of [true, false]) {
    it(`${publishNotReady ? 'names' : 'hides'} endpoints that are not ready where publishNotReadyAddresses is ${publishNotReady}`, async () => {
      const pods = [{ hostname: 'db-0', address: '10.8.200.1', ready: false }]
      const others = [...pods, { hostname: 'db-1', address: '10.8.200.2' }]
      machine.write(
        headless('hl', generation(publishNotReady ? 201 : 202)) +
          headless('peers', pods, publishNotReady) +
          headless('mixed', others, publishNotReady),
      )
      await waitFor(generation(publishNotReady ? 201 : 202).map(({ address }) => address))
      for (const service of ['peers', 'mixed']) {
        const address = await machine.dig(`db-0.${service}.${domain}`)
        const ports = await machine.dig('SRV', `_pg._tcp.${service}.${domain}`)
        const port = await machine.dig('SRV', `db-0.${service}.${domain}`)
        const recordOf = (weight: number) => `SRV 0 ${weight} 5432 db-0.${service}.${domain}.`
        const share = publishNotReady && service === 'mixed' ? 50 : 100
        const isListed = ports.answer.includes(`_pg._tcp.${service}.${domain}. ${recordOf(share)}`)
        assert.equal(isListed, publishNotReady)
        if (publishNotReady) {
          assert.deepEqual(dataOf(address), ['10.8.200.1'])
          assert.deepEqual(port.answer, [`db-0.${service}.${domain}. ${recordOf(100)}`])
        } else {
          assert.deepEqual([address.status, port.status], ['NXDOMAIN', 'NXDOMAIN'])
        }
      }
    })
  }
})

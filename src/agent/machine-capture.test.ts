import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { normalizePrefixes } from '../capture/address-set.ts'
import type { CaptureBackend } from '../capture/capture.ts'
import type { CapturePlan } from '../capture/plan.ts'
import { CaptureTimeoutError } from '../capture/run-tool.ts'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { capturePlanOf } from './capture-plan.ts'
import { MachineCapture } from './machine-capture.ts'
import { AgentOptions } from './options.ts'

/** Notes what it is told; `failures` are what its next calls throw, `flushed` says that the rules are gone. */
class FakeBackend implements CaptureBackend {
  readonly done: string[] = []
  plan: CapturePlan | undefined
  failures: Error[] = []
  flushed = false

  async apply(plan: CapturePlan): Promise<void> {
    this.#do('apply')
    this.plan = plan
  }

  async update(addresses: CapturePlan['addresses']): Promise<void> {
    // In its turn: after what was asked for before.
    await new Promise(setImmediate)
    this.#do(`update ${addresses.length}`)
  }

  async release(): Promise<void> {
    this.#do('release')
  }

  async remove(): Promise<void> {
    this.#do('remove')
  }

  async isInForce(): Promise<boolean> {
    this.#mayFail()
    return !this.flushed
  }

  async counts(): Promise<readonly never[]> {
    return []
  }

  #do(what: string): void {
    this.#mayFail()
    this.done.push(what)
  }

  #mayFail(): void {
    const failure = this.failures.shift()
    if (failure) throw failure
  }
}

function createRig() {
  const clock = new FakeClock()
  const health = new Health()
  const backend = new FakeBackend()
  const plan = capturePlanOf(AgentOptions.parse({}), { uid: 1337, gid: 1337 })
  const capture = new MachineCapture(plan, { clock, health, backend, log: silentLog })
  return { clock, health, backend, capture }
}

const range = parsePrefix('198.51.100.0/24')
const broken = new Error('broken')
const tooLong = new CaptureTimeoutError(['iptables-restore'], 30_000)

describe('the capture rules of a machine', () => {
  it('are set with all that was known before', async () => {
    const { backend, capture } = createRig()
    await capture.followAddresses(normalizePrefixes([range]))
    await capture.followNameservers([parseIp('192.0.2.53')])
    assert.deepEqual(backend.done, [])
    await capture.start()
    assert.deepEqual(backend.plan?.addresses, [range])
    assert.deepEqual(backend.plan?.dns, { nameservers: ['192.0.2.53'] })
    assert.deepEqual(backend.plan?.exempt, { uids: [1337], gids: [1337], mark: 1338 })
  })

  it('have what changed while they were set', async () => {
    const { backend, capture } = createRig()
    const started = capture.start()
    await capture.followNameservers([parseIp('192.0.2.54')])
    await started
    assert.deepEqual(backend.plan?.dns, { nameservers: ['192.0.2.54'] })
  })

  it('follow addresses and nameservers, and are let go before they are removed', async () => {
    const { backend, capture } = createRig()
    await capture.start()
    await capture.followAddresses(normalizePrefixes([range]))
    await capture.followNameservers([parseIp('192.0.2.54')])
    await capture.stop()
    await capture.remove()
    assert.deepEqual(backend.done, ['apply', 'update 1', 'apply', 'release', 'remove'])
  })

  it('are set anew when another program took them away, and that is told', async () => {
    const { clock, health, backend, capture } = createRig()
    await capture.start()
    backend.flushed = true
    clock.advance(15_000)
    await new Promise(setImmediate)
    assert.deepEqual(backend.done, ['apply', 'apply'])
    assert.equal(health.items()[0]?.code, 'CAPTURE_FLUSHED')
    backend.flushed = false
    clock.advance(15_000)
    await new Promise(setImmediate)
    assert.deepEqual(health.items(), [])
  })

  it('that cannot be changed are a problem for people, not the end of the agent', async () => {
    const { health, backend, capture } = createRig()
    await capture.start()
    backend.failures = [broken]
    await capture.followAddresses(normalizePrefixes([range]))
    assert.equal(health.items()[0]?.code, 'CAPTURE_DOWN')
    await capture.followAddresses(normalizePrefixes([]))
    assert.deepEqual(health.items(), [])
  })

  it('that could not be changed are set with the next change, whatever it is', async () => {
    const { health, backend, capture } = createRig()
    await capture.start()
    backend.failures = [tooLong]
    const changes = [
      capture.followNameservers([parseIp('192.0.2.54')]),
      capture.followAddresses(normalizePrefixes([range])),
    ]
    await Promise.all(changes)
    assert.deepEqual(backend.plan?.dns, { nameservers: [] })
    assert.equal(health.items()[0]?.code, 'CAPTURE_DOWN')
    await capture.followAddresses(normalizePrefixes([]))
    assert.deepEqual(backend.plan?.dns, { nameservers: ['192.0.2.54'] })
    assert.deepEqual(health.items(), [])
  })

  it('that could not be changed are set when they are looked at, also after a look that failed', async () => {
    const { clock, health, backend, capture } = createRig()
    await capture.start()
    backend.failures = [tooLong, tooLong]
    await capture.followNameservers([parseIp('192.0.2.54')])
    for (let look = 0; look < 2; look += 1) {
      assert.equal(health.items()[0]?.code, 'CAPTURE_DOWN')
      clock.advance(15_000)
      await new Promise(setImmediate)
    }
    assert.deepEqual(backend.plan?.dns, { nameservers: ['192.0.2.54'] })
    assert.deepEqual(health.items(), [])
  })

  it('may take too long twice before they are set: a machine that starts is busy', async () => {
    const { backend, capture } = createRig()
    backend.failures = [tooLong, tooLong]
    await capture.start()
    assert.deepEqual(backend.done, ['apply'])
  })

  for (const { name, failures } of [
    { name: 'take too long each time', failures: [tooLong, tooLong, tooLong] },
    { name: 'are refused', failures: [broken] },
  ]) {
    it(`that ${name} are a start that failed`, async () => {
      const { backend, capture } = createRig()
      backend.failures = [...failures]
      await assert.rejects(capture.start(), (error) => error === failures.at(-1))
      assert.deepEqual(backend.done, [])
    })
  }

  it('do not exempt root, whose traffic is the machine’s', () => {
    const { exempt } = capturePlanOf(AgentOptions.parse({}), { uid: 0, gid: 0 })
    assert.deepEqual(exempt, { uids: [], gids: [], mark: 1338 })
  })
})

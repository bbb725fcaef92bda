import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { normalizePrefixes } from '../capture/address-set.ts'
import type { CaptureBackend } from '../capture/capture.ts'
import type { CapturePlan } from '../capture/plan.ts'
import { parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { capturePlanOf } from './capture-plan.ts'
import { MachineCapture } from './machine-capture.ts'
import { AgentOptions } from './options.ts'

/** Notes what it is told; `broken` makes it fail, `flushed` says that the rules are gone. */
class FakeBackend implements CaptureBackend {
  readonly done: string[] = []
  plan: CapturePlan | undefined
  broken = false
  flushed = false

  async apply(plan: CapturePlan): Promise<void> {
    this.#do('apply')
    this.plan = plan
  }

  async update(addresses: CapturePlan['addresses']): Promise<void> {
    this.#do(`update ${addresses.length}`)
  }

  async release(): Promise<void> {
    this.#do('release')
  }

  async remove(): Promise<void> {
    this.#do('remove')
  }

  async isInForce(): Promise<boolean> {
    return !this.flushed
  }

  async counts(): Promise<readonly never[]> {
    return []
  }

  #do(what: string): void {
    if (this.broken) throw new Error('broken')
    this.done.push(what)
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
    backend.broken = true
    await capture.followAddresses(normalizePrefixes([range]))
    assert.equal(health.items()[0]?.code, 'CAPTURE_DOWN')
    backend.broken = false
    await capture.followAddresses(normalizePrefixes([]))
    assert.deepEqual(health.items(), [])
  })

  it('do not exempt root, whose traffic is the machine’s', () => {
    const { exempt } = capturePlanOf(AgentOptions.parse({}), { uid: 0, gid: 0 })
    assert.deepEqual(exempt, { uids: [], gids: [], mark: 1338 })
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type EntryRig,
  entryRig,
  follow,
  hasTimer,
  lists,
} from '../../testing/entry-reflector-rig.ts'
import type { ApiFaultScript } from '../../testing/fake-cluster-api.ts'
import { until } from '../../testing/until.ts'
import { watchFailures } from './meters.ts'

const name = 'serviceentries.networking.istio.io'

const onlyList: Pick<ApiFaultScript, 'only'> = {
  only: ({ path, isWatch }) => path.endsWith('entries') && !isWatch,
}
const onlyWatch: Pick<ApiFaultScript, 'only'> = { only: ({ isWatch }) => isWatch }

describe('Reflector, where the server does not do what it should', () => {
  for (const [name, forget] of [
    ['the answer', ({ api }: EntryRig) => api.endStreams()],
    ['an event', ({ api }: EntryRig) => api.sendError(410, 'Expired')],
  ] as const) {
    it(`lists again after 410 in ${name}, and tells only the differences`, async (test) => {
      const rig = await entryRig(test)
      for (const each of ['a', 'b', 'c']) rig.put(each)
      await follow(rig)
      rig.api.mute()
      rig.put('b')
      rig.put('d')
      rig.api.remove('serviceentries', 'ns1/a')
      rig.api.compact()
      forget(rig)
      await until(() => {
        rig.clock.advance(500)
        return rig.changes.length === 2
      })
      assert.deepEqual(rig.changes, ['+a +b +c', '+b +d -a'])
      rig.put('e')
      await until(() => rig.changes.length === 3)
      assert.equal(lists(rig), 2)
      assert.deepEqual(rig.health.items(), [])
    })
  }

  it('lists from the beginning when the server forgets a half-read list', async (test) => {
    const rig = await entryRig(test)
    rig.api.pageSize = 1
    for (const each of ['a', 'b', 'c']) rig.put(each)
    rig.api.fail({
      status: 410,
      reason: 'Expired',
      times: 1,
      only: ({ query }) => query.get('continue') !== null,
    })
    const started = rig.reflector.start()
    await until(() => lists(rig) === 2)
    await until(() => {
      rig.clock.advance(500)
      return lists(rig) === 5
    })
    await started
    assert.deepEqual(rig.changes, ['+a +b +c'])
  })

  for (const status of [429, 503]) {
    it(`leaves the server alone for as long as its ${status} says`, async (test) => {
      const rig = await entryRig(test)
      rig.api.fail({ status, times: 1, retryAfterSeconds: 20, ...onlyList })
      const started = rig.reflector.start()
      await until(() => lists(rig) === 1)
      await until(() => hasTimer(rig))
      rig.clock.advance(20_400)
      assert.ok(hasTimer(rig))
      assert.equal(lists(rig), 1)
      rig.clock.advance(200)
      await started
      assert.equal(lists(rig), 2)
    })
  }

  it('waits longer after each failure, says so, and takes it back', async (test) => {
    const rig = await entryRig(test)
    rig.api.fail({ status: 500, times: 8, ...onlyList })
    const started = rig.reflector.start()
    let waitedMs = 0
    await until(() => {
      if (hasTimer(rig)) {
        rig.clock.advance(100)
        waitedMs += 100
      }
      return lists(rig) >= 7 && rig.health.items().length === 1
    })
    assert.match(
      rig.health.items()[0]?.detail ?? '',
      /^serviceentries\.networking\.istio\.io: GET /,
    )
    assert.equal(rig.reflector.state, 'waiting')
    // Half of 1 + 2 + 4 + 8 + 10 + 10 seconds.
    assert.ok(waitedMs >= 17_500 && waitedMs < 18_500, `${waitedMs} ms`)
    rig.clock.advance(60_000)
    await until(() => {
      rig.clock.advance(1_000)
      return rig.reflector.state === 'synced'
    })
    await started
    assert.deepEqual(rig.health.items(), [])
  })

  it('does not wait longer because of what was before a stream that lasted', async (test) => {
    const rig = await entryRig(test)
    await follow(rig)
    rig.api.fail({ status: 500, times: 6, ...onlyWatch })
    rig.api.breakStreams()
    const failures = () => rig.ports.meters.cell(watchFailures, name).value
    await until(() => {
      if (failures() < 7 || rig.api.streams() === 0) rig.clock.advance(100)
      return failures() === 7 && rig.api.streams() === 1
    })
    await until(() => rig.health.items().length === 0)
    rig.clock.advance(5_000)
    rig.api.breakStreams()
    await until(() => failures() === 8)
    rig.clock.advance(500)
    await until(() => rig.api.streams() === 1)
  })

  it('names the rule that is missing, and keeps what it has', async (test) => {
    const rig = await entryRig(test, { namespace: 'ns1' })
    rig.put('a')
    await follow(rig)
    rig.api.fail({ status: 403, ...onlyWatch })
    rig.api.endStreams()
    await until(() => {
      rig.clock.advance(500)
      return rig.reflector.state === 'forbidden'
    })
    const [item] = rig.health.items()
    assert.equal(item?.code, 'KUBERNETES_FORBIDDEN')
    assert.equal(
      item?.detail,
      'apiGroups: ["networking.istio.io"], resources: ["serviceentries"], verbs: ["list", "watch"] in namespace ns1',
    )
    assert.equal(rig.reflector.items().size, 1)
    rig.api.heal()
    rig.clock.advance(60_000)
    await until(() => rig.reflector.state === 'synced')
    assert.deepEqual(rig.health.items(), [])
    assert.equal(lists(rig), 1)
  })

  it('tries again soon after the first denials, as of a server that starts', async (test) => {
    const rig = await entryRig(test)
    rig.put('a')
    const isList = ({ path }: { readonly path: string }) => path.endsWith('/serviceentries')
    const tries = () => rig.api.requests.filter(isList).length
    rig.api.fail({ status: 403, only: isList })
    await rig.reflector.start()
    for (const waitMs of [500, 1_000, 2_000]) {
      await until(() => hasTimer(rig))
      const before = tries()
      rig.clock.advance(waitMs)
      await until(() => tries() > before)
    }
    rig.api.heal()
    await until(() => hasTimer(rig))
    rig.clock.advance(4_000)
    await until(() => rig.reflector.state === 'synced')
    assert.equal(rig.reflector.items().size, 1)
  })

  it('starts although the kind is forbidden', async (test) => {
    const rig = await entryRig(test)
    rig.api.fail({ status: 403 })
    await rig.reflector.start()
    assert.equal(rig.reflector.state, 'forbidden')
  })

  it('drops everything when the kind is gone for good, not at the first sight of it', async (test) => {
    const rig = await entryRig(test)
    rig.put('a')
    await follow(rig)
    rig.api.withdraw('serviceentries')
    const looks = () => rig.api.requests.filter(({ path }) => path.endsWith('/v1beta1')).length
    for (const look of [1, 2]) {
      await until(() => {
        if (hasTimer(rig)) rig.clock.advance(looks() === 0 ? 500 : 10_000)
        return looks() >= look
      })
      assert.equal(rig.reflector.items().size, 1)
    }
    await until(() => {
      rig.clock.advance(1_000)
      return rig.reflector.state === 'missing'
    })
    assert.deepEqual(rig.changes, ['+a', '-a'])
  })

  it('asks less and less often for a kind that is not there, down to once a minute', async (test) => {
    const rig = await entryRig(test)
    rig.api.withdraw('serviceentries')
    await rig.reflector.start()
    const looks = () => rig.api.requests.filter(({ path }) => path.endsWith('/v1')).length
    // Three quarters of 10, 20, 40, 60, 60.
    for (const [at, waitMs] of [7_500, 15_000, 30_000, 45_000, 45_000].entries()) {
      await until(() => hasTimer(rig))
      rig.clock.advance(waitMs - 1)
      assert.equal(looks(), at + 1)
      rig.clock.advance(1)
      await until(() => looks() === at + 2)
    }
  })

  it('ends a stream that says nothing any more, and begins another', async (test) => {
    const rig = await entryRig(test)
    rig.put('a')
    await follow(rig)
    rig.clock.advance(170_000)
    rig.api.bookmark()
    rig.put('b')
    await until(() => rig.changes.length === 2)
    rig.api.mute()
    rig.put('c')
    rig.clock.advance(170_000)
    assert.equal(rig.api.requests.filter(({ isWatch }) => isWatch).length, 1)
    rig.clock.advance(20_000)
    await until(() => rig.changes.length === 3)
    assert.deepEqual(rig.changes, ['+a', '+b', '+c'])
    assert.equal(lists(rig), 1)
  })
})

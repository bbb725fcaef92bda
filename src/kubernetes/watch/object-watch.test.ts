import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type EntryRig,
  entryRig,
  follow,
  hasTimer,
  lists,
  served,
} from '../../testing/entry-reflector-rig.ts'
import { until } from '../../testing/until.ts'

const isList = ({ path }: { readonly path: string }) => path.endsWith('/serviceentries')
const tries = ({ api }: EntryRig) => api.requests.filter(isList).length

/** Lets the wait pass that is under way. */
async function wait(rig: EntryRig, ms: number): Promise<void> {
  await until(() => hasTimer(rig))
  rig.clock.advance(ms)
}

describe('ObjectWatch, when what was wrong is over', () => {
  it('waits for a denial as if it were the first', async (test) => {
    const rig = await entryRig(test)
    rig.api.fail({ status: 403, times: 3, only: isList })
    void rig.reflector.start()
    for (const ms of [500, 1_000, 2_000]) await wait(rig, ms)
    await until(() => rig.api.streams() === 1)
    rig.put('a')
    await until(() => rig.changes.length === 1)
    rig.clock.advance(5_000)
    rig.api.fail({ status: 403, times: 1, only: isList })
    rig.api.endStreams()
    await until(() => rig.reflector.state === 'forbidden')
    const before = tries(rig)
    await wait(rig, 500)
    await until(() => tries(rig) === before + 1)
  })

  it('asks for short pages again', async (test) => {
    const rig = await entryRig(test)
    rig.api.pageSize = 1
    for (const name of ['a', 'b']) rig.put(name)
    rig.api.fail({ status: 410, times: 1, only: ({ query }) => query.has('continue') })
    void rig.reflector.start()
    await wait(rig, 500)
    await until(() => rig.api.streams() === 1)
    await rig.reflector.reload()
    const sizes = rig.api.requests.flatMap(({ query }) =>
      query.has('limit') && !query.has('continue') ? Number(query.get('limit')) : [],
    )
    assert.deepEqual(sizes, [500, 1_000, 500])
  })

  it('has as much patience as before with a kind that is missing', async (test) => {
    const rig = await entryRig(test)
    rig.put('a')
    await follow(rig)
    const looks = () => rig.api.requests.filter(({ path }) => path.endsWith('/v1beta1')).length
    for (const round of [1, 2]) {
      rig.api.withdraw('serviceentries')
      await until(() => {
        if (hasTimer(rig) && looks() < 2 * round) rig.clock.advance(500)
        return looks() === 2 * round && hasTimer(rig)
      })
      assert.deepEqual(rig.changes, ['+a'])
      rig.api.serve(served)
      await until(() => {
        if (rig.api.streams() === 0) rig.clock.advance(500)
        return rig.api.streams() === 1
      })
    }
  })
})

describe('ObjectWatch', () => {
  it('takes no stream for silent that spoke before it broke off', async (test) => {
    const rig = await entryRig(test)
    await follow(rig)
    for (const watches of [2, 3]) {
      rig.put('a')
      await until(() => rig.changes.length === watches - 1)
      rig.clock.advance(180_000)
      await until(() => tries(rig) === watches + 1 && rig.api.streams() === 1)
    }
    assert.equal(lists(rig), 1)
  })

  it('takes no list that was asked for before a reload', async (test) => {
    const rig = await entryRig(test)
    const { client } = rig.api
    const call = client.call.bind(client)
    let reloaded: Promise<void> | undefined
    client.call = async (asked) => {
      const answer = await call(asked)
      if (!reloaded && isList(asked)) {
        rig.put('b')
        reloaded = rig.reflector.reload()
      }
      return answer
    }
    rig.put('a')
    void rig.reflector.start()
    await until(() => rig.api.streams() === 1)
    assert.deepEqual(rig.changes, ['+a +b'])
    assert.equal(lists(rig), 2)
  })

  for (const [name, trouble] of [
    ['fails', ({ api }: EntryRig) => api.fail({ status: 500 })],
    ['finds the kind missing', ({ api }: EntryRig) => api.withdraw('serviceentries')],
  ] as const) {
    it(`ends a reload that ${name}`, async (test) => {
      const rig = await entryRig(test)
      await follow(rig)
      trouble(rig)
      for (const _ of [1, 2]) {
        let isOver = false
        void rig.reflector.reload().then(() => (isOver = true))
        await until(() => isOver)
      }
    })
  }
})

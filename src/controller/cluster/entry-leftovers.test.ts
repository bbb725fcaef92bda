import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../../base/log.ts'
import type { PlainMap } from '../../documents/plain-map.ts'
import { controllerNamespace } from '../../kubernetes/registration/entry-object.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { registrant, workloadGroup } from '../../testing/registration.ts'
import { until } from '../../testing/until.ts'
import {
  entryOfGroup,
  type RegisteredEntry,
  withConnected,
} from '../../translate/registration/registered-entry.ts'
import { EntryLeftovers } from './entry-leftovers.ts'

const own = { name: 'own', namespace: 'istio-system' }
const connected = { controller: 'gone', atMs: 1_000 }
const machine = { ...registrant(), address: registrant().address ?? assert.fail() }

function entryOf(namespace = own.namespace): RegisteredEntry {
  const { metadata, ...entry } = entryOfGroup(workloadGroup(), machine, connected)
  const annotations = { ...metadata.annotations, [controllerNamespace]: namespace }
  return { ...entry, metadata: { ...metadata, annotations } }
}

const left = entryOf()
const cameBack = withConnected(left, { ...connected, atMs: 2_000 })

interface Case {
  readonly name: string
  /** As it is seen, look after look; the last one stays. */
  readonly seen: readonly RegisteredEntry[]
  /** As it stands in the cluster when it shall be removed. */
  readonly stands?: RegisteredEntry
  /** Of the cluster, when asked for the pod of the controller. */
  readonly pods?: () => Promise<PlainMap>
  /** Look that removes it. */
  readonly want: number | undefined
}

const cases: readonly Case[] = [
  { name: 'is removed after ten grace periods', seen: [left], want: 3 },
  { name: 'waits anew when something happened to it', seen: [left, cameBack], want: 4 },
  {
    name: 'stays when its machine came back just now',
    seen: [left],
    stands: cameBack,
    want: undefined,
  },
  { name: 'stays when it is of another namespace', seen: [entryOf('other')], want: undefined },
  {
    name: 'stays as long as its controller is there',
    seen: [left],
    pods: async () => ({ items: [{}] }),
    want: undefined,
  },
  {
    name: 'stays when the answer is odd',
    seen: [left],
    pods: async () => ({ items: null }),
    want: undefined,
  },
  {
    name: 'stays when there is no answer',
    seen: [left],
    pods: () => Promise.reject(new Error('no')),
    want: undefined,
  },
]

const usual = { own, graceMs: 1_000, log: silentLog }

const noPods = async () => ({ items: [] })

describe('an entry that nobody looks after', () => {
  for (const { name, seen, stands, pods = noPods, want } of cases) {
    it(name, async () => {
      const clock = new FakeClock()
      let look = 0
      let removed: number | undefined
      const now = () => seen[Math.min(look, seen.length) - 1] ?? assert.fail()
      const entries = {
        entries: () => (removed === undefined ? [now()] : []),
        async dropIf(_: unknown, isStill: (current: RegisteredEntry) => boolean) {
          if (isStill(stands ?? now())) removed = look
        },
      }
      const client = { call: pods }
      const leftovers = new EntryLeftovers({ ...usual, client, entries, clock })
      leftovers.lead(true)
      while (look < 5) {
        look += 1
        clock.advance(5_000)
        await until(() => clock.waiting > 0)
      }
      await leftovers.stop()
      assert.equal(removed, want)
    })
  }
  it('is looked for once at a time, also when a lead began again during a look', async () => {
    const clock = new FakeClock()
    const answer = Promise.withResolvers<PlainMap>()
    let asked = 0
    const client = {
      call: () => {
        asked += 1
        return answer.promise
      },
    }
    const entries = { entries: () => [left], dropIf: async () => {} }
    const leftovers = new EntryLeftovers({ ...usual, client, entries, clock })
    leftovers.lead(true)
    clock.advance(5_000)
    leftovers.lead(false)
    leftovers.lead(true)
    answer.resolve({ items: [{}] })
    await until(() => asked === 1)
    await new Promise(setImmediate)
    assert.equal(clock.waiting, 1)
    await leftovers.stop()
  })
})

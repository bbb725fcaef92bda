import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../../base/log.ts'
import { FakeClock } from '../../testing/fake-clock.ts'
import { ApiFailure } from '../client/api-failure.ts'
import type { ApiCall } from '../client/cluster-client.ts'
import { readEntry } from './entry.ts'
import { EventWriter } from './event-writer.ts'

function createRig(name = 'a') {
  const clock = new FakeClock()
  const calls: ApiCall[] = []
  const known = new Map<string, { series?: unknown }>()
  const client = {
    async call(call: ApiCall) {
      calls.push(call)
      const { method = 'GET', path, body } = call
      if (method === 'GET') return known.get(path) ?? {}
      if (method === 'PATCH') {
        known.set(path, body as object)
        return {}
      }
      const { name } = (body as { metadata: { name: string } }).metadata
      if (known.has(`${path}/${name}`)) {
        throw new ApiFailure('POST', { status: 409, reason: 'AlreadyExists', message: 'there' })
      }
      known.set(`${path}/${name}`, {})
      return {}
    },
  }
  const events = new EventWriter('replica', { client, clock, log: silentLog })
  const entry = readEntry({ metadata: { namespace: 'default', name, uid: 'u' } })
  assert.ok(entry)
  const write = async (note: string, type: 'Normal' | 'Warning' = 'Normal') => {
    events.write(entry, { type, reason: 'AddressesAllocated', note })
    await events.settled()
  }
  return { clock, calls, known, write }
}

describe('EventWriter', () => {
  it('counts an event that was told before, by whichever replica', async () => {
    const { known, write } = createRig()
    for (let time = 0; time < 3; time += 1) await write('the same')
    const series = { count: 3, lastObservedTime: '2026-01-01T00:00:00.000000Z' }
    assert.deepEqual([...known.values()], [{ series }])
  })

  it('shortens what the API would not take', async () => {
    const { calls, write } = createRig()
    await write('x'.repeat(5_000))
    const { note } = calls.map(({ body }) => body as { note: string })[0] ?? { note: '' }
    assert.equal(note.length, 1_000)
  })

  it('finds a name for events of entries with the longest names', async () => {
    const { calls, write } = createRig('a'.repeat(253))
    await write('news')
    const [created] = calls.map(({ body }) => body as { metadata?: { name?: string } })
    assert.match(created?.metadata?.name ?? '', /^[0-9a-f]{64}$/)
  })

  it('does not flood the API server, and lets no crowd of good news hide a warning', async () => {
    const { clock, calls, write } = createRig()
    for (let at = 0; at < 100; at += 1) await write(`note ${at}`)
    assert.equal(calls.length, 25)
    await write('trouble', 'Warning')
    assert.equal(calls.length, 26)
    clock.advance(2_000)
    for (let at = 0; at < 100; at += 1) await write(`more ${at}`)
    assert.equal(calls.length, 28)
  })
})

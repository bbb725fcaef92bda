import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Machine } from '../../src/testing/machine.ts'
import { privateNetworksSkip } from '../../src/testing/private-network.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'

const skip = privateNetworksSkip()
const patienceMs = 120_000

const patient = ['--controller-first-table-ms', '600000']

interface Ready {
  readonly ready: boolean
  readonly table?: { readonly kind: string; readonly ageSeconds?: number }
}

async function waitFor(machine: Machine, kind: string): Promise<Ready> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const ready = (await machine.agent.page('/healthz/ready')) as Ready
    if (ready.table?.kind === kind) return ready
    assert.ok(performance.now() < deadline, `still ${ready.table?.kind}, not ${kind}`)
  }
}

/** Until a restart would find the table. */
async function waitForSaved(machine: Machine): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (((await machine.agent.metrics()).get('meshdns_saved_table_octets') ?? 0) === 0) {
    assert.ok(performance.now() < deadline, 'the table was not saved')
  }
}

// Row 32.
describe('a machine whose controller is away', { skip }, () => {
  it('answers on, and from its first moment after a restart, with the addresses that it had', async () => {
    await using machine = await Machine.start({ controller: true, outside: ['192.0.2.1/24'] })
    await waitFor(machine, 'fresh')
    await waitForSaved(machine)
    const before = await machine.dig('auto.mesh.test')
    assert.match(before.answer.join(' '), /240\.240\./)
    await machine.killController()
    await waitFor(machine, 'stale')
    assert.deepEqual((await machine.dig('auto.mesh.test')).answer, before.answer)
    await machine.agent.end('SIGKILL')
    await machine.startAgent()
    machine.forgetAsked()
    assert.deepEqual((await machine.dig('auto.mesh.test')).answer, before.answer)
    assert.deepEqual(machine.asked(), [])
    const ready = await waitFor(machine, 'stale')
    assert.ok(ready.ready && (ready.table?.ageSeconds ?? -1) >= 0)
    await machine.startController()
    await waitFor(machine, 'fresh')
    assert.deepEqual((await machine.dig('auto.mesh.test')).answer, before.answer)
  })

  it('forwards what it cannot know when it never had a table', async () => {
    await using machine = await Machine.start({ controller: true })
    await machine.killController()
    await machine.agent.end('SIGKILL')
    await machine.startAgent(['--state-folder', '/nonexistent/state'])
    const ready = await waitFor(machine, 'never synced')
    assert.equal(ready.ready, true)
    const { status } = await machine.dig('www.example.test')
    assert.notEqual(status, 'SERVFAIL')
    assert.match(machine.asked().join('\n'), /www\.example\.test/)
  })

  it('is not ready before its first table, where it was told to wait for it', async (test) => {
    await using machine = await Machine.start({ controller: true })
    await machine.killController()
    await machine.agent.end('SIGKILL')
    await machine.startAgent(['--state-folder', await temporaryFolder(test), ...patient])
    const reason = 'no table from a controller yet'
    assert.deepEqual(await machine.agent.page('/healthz/ready'), { ready: false, reason })
    await machine.startController()
    await waitFor(machine, 'fresh')
    assert.match((await machine.dig('auto.mesh.test')).answer.join(), /240\.240\./)
  })
})

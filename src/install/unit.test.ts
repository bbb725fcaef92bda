import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Machine } from './machine.ts'
import { checkUnit, startUnit, stopUnit } from './unit.ts'

const unit = 'a.service'

/** A machine whose units are as told; what is run goes to `ran`. */
function machineWith(properties: Readonly<Record<string, string>>, journal = '') {
  const ran: string[] = []
  const machine: Machine = {
    hasSystemd: () => true,
    run: (argv) => {
      if (argv[1] === 'show') return Promise.resolve(`${properties[argv[3] ?? ''] ?? ''}\n`)
      if (argv[0] === 'journalctl') return Promise.resolve(journal)
      ran.push(argv.join(' '))
      return Promise.resolve('')
    },
  }
  return { machine, ran }
}

describe('a unit', () => {
  it('is started, anew when something changed', async () => {
    const { machine, ran } = machineWith({})
    await startUnit(machine, unit, { changed: false })
    await startUnit(machine, unit, { changed: true })
    assert.deepEqual(ran, [
      'systemctl daemon-reload',
      'systemctl start a.service',
      'systemctl daemon-reload',
      'systemctl restart a.service',
    ])
  })

  it('is complained of with its last words when systemd cannot start it', async () => {
    const { machine } = machineWith({}, 'no such user\n')
    const run: Machine['run'] = (argv) =>
      argv[1] === 'start' ? Promise.reject(new Error('exit 1')) : machine.run(argv)
    await assert.rejects(startUnit({ ...machine, run }, unit, { changed: false }), {
      message: 'a.service: systemd could not start it',
      cause: new Error('its last words:\nno such user'),
    })
  })

  it('is stopped where there is one', async () => {
    const known = machineWith({ LoadState: 'loaded' })
    await stopUnit(known.machine, unit)
    const unknown = machineWith({ LoadState: 'not-found' })
    await stopUnit(unknown.machine, unit)
    assert.deepEqual([known.ran, unknown.ran], [['systemctl stop a.service'], []])
  })

  for (const { name, properties, want } of [
    {
      name: 'has ended',
      properties: { ActiveState: 'failed', NRestarts: '0' },
      want: /^a\.service: it has ended$/,
    },
    {
      name: 'ends again and again',
      properties: { ActiveState: 'activating', NRestarts: '3' },
      want: /it ends again and again$/,
    },
  ]) {
    it(`is complained of with its last words when it ${name}`, async () => {
      const { machine } = machineWith(properties, 'error[CONFIG_INVALID]: no such option\n')
      await assert.rejects(checkUnit(machine, unit), (error: Error) => {
        assert.match(error.message, want)
        assert.match((error.cause as Error).message, /its last words:\nerror\[CONFIG_INVALID\]/)
        return true
      })
    })
  }

  it('is left alone while it runs', async () => {
    const { machine } = machineWith({ ActiveState: 'active', NRestarts: '1' })
    await checkUnit(machine, unit)
  })
})

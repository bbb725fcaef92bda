import { CodedError } from '../base/coded-error.ts'
import type { Machine } from './machine.ts'

/** A service was started and does not do what it should. */
export class UnitFailedError extends CodedError {
  override readonly code = 'INSTALL_UNIT_FAILED'

  constructor(unit: string, reason: string, journal: string) {
    super(`${unit}: ${reason}`, {
      ...(journal === '' ? {} : { cause: new Error(`its last words:\n${journal}`) }),
      hint: `See: journalctl --unit ${unit}; then run the same command again: it goes on from there.`,
    })
  }
}

/** More often than this in a row, and starting it anew will not help. */
const mostRestarts = 3

/**
 * Starts a unit, anew when what it is made of changed.
 * @throws {UnitFailedError} when it cannot be started.
 */
export async function startUnit(
  machine: Machine,
  unit: string,
  { changed }: { readonly changed: boolean },
): Promise<void> {
  await machine.run(['systemctl', 'daemon-reload'])
  await machine.run(['systemctl', changed ? 'restart' : 'start', unit]).catch(async () => {
    throw await unitFailed(machine, unit, 'systemd could not start it')
  })
}

/** Stops a unit, if there is one. */
export async function stopUnit(machine: Machine, unit: string): Promise<void> {
  const state = await show(machine, unit, 'LoadState')
  if (state !== 'not-found') await machine.run(['systemctl', 'stop', unit])
}

/** @throws {UnitFailedError} when it has ended, or keeps ending. */
export async function checkUnit(machine: Machine, unit: string): Promise<void> {
  const state = await show(machine, unit, 'ActiveState')
  const restarts = Number(await show(machine, unit, 'NRestarts'))
  if (state === 'failed') throw await unitFailed(machine, unit, 'it has ended')
  if (restarts >= mostRestarts) throw await unitFailed(machine, unit, 'it ends again and again')
}

export async function unitFailed(
  machine: Machine,
  unit: string,
  reason: string,
): Promise<UnitFailedError> {
  const words = ['--unit', unit, '--lines', '10', '--no-pager', '--output', 'cat']
  const journal = await machine.run(['journalctl', ...words]).catch(() => '')
  return new UnitFailedError(unit, reason, journal.trim())
}

async function show(machine: Machine, unit: string, property: string): Promise<string> {
  const output = await machine.run(['systemctl', 'show', '--property', property, '--value', unit])
  return output.trim()
}

import { existsSync } from 'node:fs'
import { emptyLedger, type Ledger } from '../allocate/ledger.ts'
import { CodedError } from '../base/coded-error.ts'
import { readVirtualAddresses } from '../files/virtual-address-store.ts'

/** The state folder holds no assignments that can be read. Nothing in it was changed. */
export class StateUnreadableError extends CodedError {
  override readonly code = 'CLI_STATE_UNREADABLE'

  constructor(folder: string, reason: string) {
    super(`the state folder ${folder} cannot be read: ${reason}`, {
      hint: 'Name the state folder of an agent that you may read, or leave --state-folder out.',
    })
  }
}

/**
 * The assignments that an agent has left in its state folder; none without one.
 * @throws {StateUnreadableError} when the folder is not there, or what it holds is damaged.
 */
export async function readStateFolder(folder: string | undefined): Promise<Ledger> {
  if (folder === undefined) return emptyLedger
  if (!existsSync(folder)) throw new StateUnreadableError(folder, 'there is no such folder')
  const read = await readVirtualAddresses(folder)
  switch (read.kind) {
    case 'ledger':
      return read.ledger
    case 'damaged':
      throw new StateUnreadableError(folder, read.reason)
    case 'newer':
      throw new StateUnreadableError(folder, `a later version wrote it (${read.version})`)
  }
}

import { chownSync, mkdirSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CodedError } from '../base/coded-error.ts'
import { makeFolder } from '../base/make-folder.ts'
import { virtualAddressFile } from '../files/virtual-address-store.ts'

/** A user by number, with the group. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** What the agent has to read and write belongs to somebody else. Nothing was started. */
export class StateOwnerError extends CodedError {
  override readonly code = 'CLI_STATE_OWNER'

  constructor(path: string, owner: number, { uid, gid }: Account) {
    super(`${path} belongs to user ${owner}, and the agent is to run as user ${uid}`, {
      hint: `Give it away: chown -R ${uid}:${gid} FOLDER; or name another one with --state-folder, or its owner with --run-as.`,
    })
  }
}

/**
 * Has root make the state folder of a user, with what leads to it.
 * @throws {StateOwnerError} when it, or the record in it, is there and the user may not write it.
 */
export async function prepareStateFolder(folder: string, account: Account): Promise<void> {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (!found) {
    await makeFolder(dirname(folder))
    mkdirSync(folder, { mode: 0o750 })
    chownSync(folder, account.uid, account.gid)
    return
  }
  const file = virtualAddressFile(folder)
  const record = statSync(file, { throwIfNoEntry: false })
  if (!mayWrite(found, account)) throw new StateOwnerError(folder, found.uid, account)
  if (record && !mayWrite(record, account)) throw new StateOwnerError(file, record.uid, account)
}

function mayWrite({ uid, gid, mode }: Stats, account: Account): boolean {
  if (uid === account.uid) return (mode & 0o200) !== 0
  return (mode & (gid === account.gid ? 0o020 : 0o002)) !== 0
}

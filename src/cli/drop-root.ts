import { readFileSync } from 'node:fs'
import { CodedError } from '../base/coded-error.ts'
import { findSystemProgram } from '../sandbox/programs.ts'
import { dropPrivilegesArgv } from '../sys/drop-privileges.ts'
import { type Account, prepareStateFolder } from './prepare-state-folder.ts'
import { UsageError } from './usage-error.ts'

/** Numbers of our own users where they were not created; the agent's is that of Istio's proxy. */
const fallbackIds: ReadonlyMap<string, number> = new Map([
  ['meshdns', 1_337],
  ['meshdns-controller', 1_338],
])

/** Root's rights cannot be given up. Nothing was started. */
export class RootKeptError extends CodedError {
  override readonly code = 'CLI_ROOT_KEPT'

  constructor(user: string) {
    super(`root cannot become ${user}: setpriv is not installed`, {
      hint: 'Install it, on Debian or Ubuntu: apt-get install util-linux; or stay root with --run-as root.',
    })
  }
}

export interface DropRootOptions {
  /** A name or a number; `root` keeps everything. */
  readonly user: string
  /** Made for that user when it does not exist. */
  readonly stateFolder: string
  readonly path: string
  /** What it keeps of root's rights, as `setpriv` spells it. */
  readonly capabilities: readonly string[]
}

/**
 * Starts the process anew without root's rights, all but a few, when root started it.
 *
 * Does not return then. Returns a reason when it stays root although it should not, as the root of
 * a user namespace that has no other users does.
 * @throws {UsageError} when there is no such user.
 * @throws {RootKeptError} when `setpriv` is not installed.
 * @throws {StateOwnerError} when the state folder is somebody else's.
 */
export async function dropRoot(options: DropRootOptions): Promise<string | undefined> {
  const { user, stateFolder, path, capabilities } = options
  if (process.getuid?.() !== 0 || user === 'root' || user === '0') return undefined
  const account = findAccount(user, readFileSync('/etc/passwd', 'utf8'))
  if (!account) {
    throw new UsageError(`there is no user ${user}`, {
      hint: 'Name one that exists, or a number, with --run-as.',
    })
  }
  if (!isMapped(account.uid, readMap('uid')) || !isMapped(account.gid, readMap('gid'))) {
    return `this user namespace has no user ${account.uid} of group ${account.gid}`
  }
  const setpriv = findSystemProgram('setpriv', path)
  if (setpriv === undefined) throw new RootKeptError(user)
  await prepareStateFolder(stateFolder, account)
  const own = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const argv = dropPrivilegesArgv({ ...account, capabilities }, own)
  return process.execve?.(setpriv, argv, { ...process.env })
}

/** The account of a name or number; our own users have a number also where they were not created. */
export function findAccount(user: string, passwd: string): Account | undefined {
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name, , uid]) => name === user || uid === user)
  if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  if (/^\d+$/.test(user)) return { uid: Number(user), gid: Number(user) }
  const id = fallbackIds.get(user)
  return id === undefined ? undefined : { uid: id, gid: id }
}

/** Whether the user namespace that we are in knows the user or group (user_namespaces(7)). */
export function isMapped(id: number, map: string): boolean {
  return map
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , count = 0]) => id >= first && id < first + count)
}

function readMap(kind: 'uid' | 'gid'): string {
  return readFileSync(`/proc/self/${kind}_map`, 'utf8')
}

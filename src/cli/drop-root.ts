import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { findSystemProgram } from '../sandbox/programs.ts'
import { dropPrivilegesArgv } from '../sys/drop-privileges.ts'
import { UsageError } from './usage-error.ts'

/** Whom the agent becomes when root starts it and the user `meshdns` does not exist (Istio's proxy user). */
const fallbackId = 1_337

interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * Starts the process anew without root's rights, all but CAP_NET_ADMIN, when root started it.
 *
 * Does not return then. `user` is a name or a number; `root` keeps everything. The state folder is
 * made for that user when it does not exist.
 * @throws {UsageError} when there is no such user.
 */
export function dropRoot(user: string, stateFolder: string): void {
  if (process.getuid?.() !== 0 || user === 'root' || user === '0') return
  const setpriv = findSystemProgram('setpriv', process.env['PATH'] ?? '')
  const account = findAccount(user, readFileSync('/etc/passwd', 'utf8'))
  if (!account) {
    throw new UsageError(`there is no user ${user}`, {
      hint: 'Name one that exists, or a number, with --run-as.',
    })
  }
  if (setpriv === undefined || !isMapped(account.uid, readFileSync('/proc/self/uid_map', 'utf8'))) {
    return
  }
  if (!existsSync(stateFolder)) {
    mkdirSync(stateFolder, { recursive: true, mode: 0o750 })
    chownSync(stateFolder, account.uid, account.gid)
  }
  const own = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const argv = dropPrivilegesArgv({ ...account, capabilities: ['net_admin'] }, own)
  process.execve?.(setpriv, argv, { ...process.env })
}

/** The account of a name or number; `meshdns` has a number of its own where it was not created. */
export function findAccount(user: string, passwd: string): Account | undefined {
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name, , uid]) => name === user || uid === user)
  if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  if (/^\d+$/.test(user)) return { uid: Number(user), gid: Number(user) }
  return user === 'meshdns' ? { uid: fallbackId, gid: fallbackId } : undefined
}

/** Whether the user namespace that we are in knows the user (user_namespaces(7)). */
export function isMapped(uid: number, uidMap: string): boolean {
  return uidMap
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .some(([first = 0, , count = 0]) => uid >= first && uid < first + count)
}

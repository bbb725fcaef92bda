import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { CodedError } from '../base/coded-error.ts'

/** Whose namespaces: root's own, or a user's inside a user namespace where that user is root. */
export type NamespaceKind = 'root' | 'user'

/** The kernel, or a container around us, allows no namespaces. Nothing was changed. */
export class NamespacesDeniedError extends CodedError {
  override readonly code = 'SANDBOX_DENIED'

  constructor(words: string, hint: string) {
    super(`no private network namespace is to be had: ${words}`, { hint })
  }
}

/** What the command line of `unshare` is made from. */
export interface UnshareProgram {
  readonly path: string
  /** Runs `unshare` with these words and returns what it complained of; `undefined` when it worked. */
  readonly attempt: (words: readonly string[]) => string | undefined
}

export function unshareAt(path: string): UnshareProgram {
  return {
    path,
    attempt(words) {
      const { status, stderr, error } = spawnSync(path, words, { encoding: 'utf8' })
      if (error) return error.message
      return status === 0 ? undefined : stderr.trim() || `unshare exited with ${status}`
    },
  }
}

/** Words for `unshare` before the command that shall run in namespaces of its own. */
export function namespaceWords(kind: NamespaceKind): readonly string[] {
  const own = kind === 'user' ? ['--user', '--map-root-user'] : []
  return [...own, '--net', '--mount', '--']
}

/**
 * Tries what is possible, root's way first where the caller is root.
 * @throws {NamespacesDeniedError} when nothing is.
 */
export function chooseNamespaces(uid: number, { attempt }: UnshareProgram): NamespaceKind {
  let complaint = ''
  for (const kind of uid === 0 ? (['root', 'user'] as const) : (['user'] as const)) {
    const failure = attempt([...namespaceWords(kind), 'true'])
    if (failure === undefined) return kind
    complaint ||= failure.split('\n')[0] ?? failure
  }
  throw new NamespacesDeniedError(complaint, deniedHint(uid, readSetting))
}

/** What to do about it, from the kernel's own switches. */
export function deniedHint(uid: number, read: (name: string) => string | undefined): string {
  if (uid === 0) {
    return 'In a container, start it with --cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt seccomp=unconfined.'
  }
  if (read('kernel/unprivileged_userns_clone') === '0') {
    return 'Allow user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1 - or run with sudo.'
  }
  if (read('user/max_user_namespaces') === '0') {
    return 'Allow user namespaces: sudo sysctl user.max_user_namespaces=10000 - or run with sudo.'
  }
  if (read('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return 'AppArmor forbids it: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0 - or run with sudo.'
  }
  return 'Run with sudo; in a container, start it with --security-opt seccomp=unconfined.'
}

function readSetting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim()
  } catch {
    return undefined
  }
}

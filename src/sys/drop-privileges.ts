/** Whom a process that was started as root becomes. */
export interface Identity {
  readonly uid: number
  readonly gid: number
  /** What it keeps, as `setpriv` spells it, such as `net_admin`; everything else is gone for good. */
  readonly capabilities: readonly string[]
}

/**
 * The command line by which root runs `argv` as another user with no more than a few capabilities
 * (setpriv of util-linux 2.32 or newer).
 *
 * The capabilities are ambient, so that the tools which the program starts have them, too.
 */
export function dropPrivilegesArgv(identity: Identity, argv: readonly string[]): string[] {
  const kept = ['-all', ...identity.capabilities.map((name) => `+${name}`)].join(',')
  return [
    'setpriv',
    `--reuid=${identity.uid}`,
    `--regid=${identity.gid}`,
    '--clear-groups',
    `--inh-caps=${kept}`,
    `--ambient-caps=${kept}`,
    `--bounding-set=${kept}`,
    '--no-new-privs',
    '--',
    ...argv,
  ]
}

import type { V1Container, V1Pod } from '@kubernetes/client-node'

/** What container runtimes leave to root of a container. */
const usual =
  'chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod audit_write setfcap'.split(
    ' ',
  )

/**
 * Words of setpriv(1) for a container's security context; the image's user counts where nobody says one.
 * As with container runtimes, others than root hold no capability, whatever is added.
 * @throws when it asks for what a kubelet refuses.
 */
export function privilegeWords(
  pod: V1Pod,
  { name, securityContext = {} }: V1Container,
  imageUser: number,
): readonly string[] {
  const { securityContext: shared = {} } = pod.spec ?? {}
  const uid = securityContext.runAsUser ?? shared.runAsUser ?? imageUser
  const gid = securityContext.runAsGroup ?? shared.runAsGroup ?? (uid === imageUser ? imageUser : 0)
  const isRootForbidden = securityContext.runAsNonRoot ?? shared.runAsNonRoot ?? false
  if (isRootForbidden && uid === 0) throw new Error(`${name}: runAsNonRoot, and it is root`)
  const { fsGroup, supplementalGroups = [] } = shared
  const groups = [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])]
  const isPrivileged = securityContext.privileged ?? false
  return [
    'setpriv',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    groups.length > 0 ? `--groups=${groups.join()}` : '--clear-groups',
    ...(isPrivileged ? [] : [`--bounding-set=${boundsOf(securityContext.capabilities)}`]),
    ...(isPrivileged ? [] : ['--inh-caps=-all']),
    ...(securityContext.allowPrivilegeEscalation === false ? ['--no-new-privs'] : []),
    '--',
  ]
}

function boundsOf({
  add = [],
  drop = [],
}: {
  readonly add?: readonly string[]
  readonly drop?: readonly string[]
} = {}): string {
  const added = add.map(capability)
  const dropped = drop.map(capability)
  if (added.includes('all')) return '+all'
  const kept = dropped.includes('all') ? [] : usual.filter((name) => !dropped.includes(name))
  return ['-all', ...new Set([...kept, ...added].map((name) => `+${name}`))].join()
}

function capability(name: string): string {
  return name.toLowerCase().replace(/^cap_/, '')
}

import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'

/** What the tests run in their hosts. */
const programs =
  'ip nft iptables ip6tables dig curl setpriv timeout dnsmasq unshare hostname'.split(' ')

/** What a network is made of: it is not to be had in every container. */
const trial = `
  ip netns add mdt$$x
  trap 'ip netns delete mdt$$x' EXIT
  unshare -n -m sh -euc '
    ip link add br0 type bridge
    ip link add veth0 type veth peer name veth1
    nft add table inet trial
    for program in iptables ip6tables; do $program -t nat -N TRIAL; done
    mount --bind / /srv'`

/** Why tests with hosts of their own cannot run here; `false` when they can. Says it aloud, too. */
export function networkTestsSkip(): string | false {
  const reason = findReason()
  if (reason === undefined) return false
  console.warn(`NOT CHECKED: network tests ${reason}`)
  return reason
}

function findReason(): string | undefined {
  if (process.platform !== 'linux') return 'need Linux'
  if (process.getuid?.() !== 0) return 'need root (network namespaces, and users to become)'
  const missing = programs.filter((program) => spawnSync(program, ['--version']).error)
  if (missing.length > 0) return `need ${missing.join(', ')}`
  const isReadable = (statSync(import.meta.filename).mode & 0o004) !== 0
  if (!isReadable) return 'need a checkout that other users may read'
  const { status, stderr } = spawnSync('sh', ['-euc', trial], { encoding: 'utf8' })
  return status === 0 ? undefined : `need namespaces, bridges and rules (${stderr.trim()})`
}

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { dropPrivilegesArgv } from '../sys/drop-privileges.ts'
import { changeCases } from './change.case.ts'
import type { Verdict } from './in-namespace.case.ts'
import { ruleLifeCases } from './rule-life.case.ts'
import { trafficCases } from './traffic.case.ts'

const program = join(import.meta.dirname, 'in-namespace.case.ts')
const path = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin'
const env = { PATH: path }
/** Far beyond what it takes, so that a lost datagram becomes a failure. */
const timeout = 120_000
const names = [...ruleLifeCases, ...trafficCases, ...changeCases].map(({ name }) => name)

interface Setting {
  readonly name: string
  /** The command that the cases run under. */
  readonly under: readonly string[]
}

const settings: readonly Setting[] = [
  { name: 'in a user namespace', under: ['unshare', '-Urn', '--kill-child'] },
  {
    name: 'as a user with CAP_NET_ADMIN and nothing else',
    under: 'unshare -n --kill-child sh -c'
      .split(' ')
      // The servers of the cases listen on port 53, which the agent never does.
      .concat('sysctl -qw net.ipv4.ip_unprivileged_port_start=0 && exec "$@"', 'sh')
      .concat(dropPrivilegesArgv({ uid: 1337, gid: 1337, capabilities: ['net_admin'] }, [])),
  },
]

for (const { name, under } of settings) {
  for (const choice of ['nftables', 'iptables']) {
    describe(`${choice} ${name}`, { skip: reasonToSkip(under), timeout }, () => {
      let ended: Promise<{ readonly verdicts: ReadonlyMap<string, Verdict>; readonly last: string }>

      before(() => {
        ended = runCases([...under, process.execPath, program, choice])
      })

      for (const name of names) {
        it(name, async () => {
          const { verdicts, last } = await ended
          const verdict = verdicts.get(name)
          assert.ok(verdict, `never ran: ${last}`)
          assert.equal(verdict.error, undefined)
        })
      }
    })
  }
}

async function runCases([command = '', ...argv]: readonly string[]) {
  const child = promisify(execFile)(command, argv, {
    env,
    timeout: timeout - 20_000,
    killSignal: 'SIGKILL',
  })
  const { stdout, stderr, ...rest } = await child.catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  )
  const verdicts = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Verdict)
  const last = `${stderr}${JSON.stringify(rest)}`
  return { verdicts: new Map(verdicts.map((verdict) => [verdict.name, verdict])), last }
}

/** Tools and rights that are missing, and whether the user that the cases run as may read them. */
function reasonToSkip([command = '', ...argv]: readonly string[]): string | false {
  const tools = 'nft list ruleset && iptables --version && ip6tables --version && ip link'
  const script = `${tools} && test -r "$1"`
  const tried = spawnSync(command, [...argv, 'sh', '-c', script, 'sh', program], { env })
  return tried.status === 0
    ? false
    : `NOT CHECKED: nft, iptables, ip, setpriv or namespaces are not to be had here (${String(tried.stderr).trim()})`
}

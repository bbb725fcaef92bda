import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import type { Verdict } from './in-namespace.case.ts'
import { ruleLifeCases } from './rule-life.case.ts'
import { trafficCases } from './traffic.case.ts'

const program = join(import.meta.dirname, 'in-namespace.case.ts')
const path = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin'
const env = { PATH: path }
/** Far beyond what it takes, so that a lost datagram becomes a failure. */
const timeout = 120_000
const names = [...ruleLifeCases, ...trafficCases].map(({ name }) => name)

for (const choice of ['nftables', 'iptables']) {
  describe(`in a namespace with ${choice}`, { skip: reasonToSkip(), timeout }, () => {
    const verdicts = new Map<string, Verdict>()
    let ending = ''

    before(async () => {
      const argv = ['-Urn', '--kill-child', process.execPath, program, choice]
      const child = promisify(execFile)('unshare', argv, { env, timeout: timeout - 20_000 })
      const { stdout, stderr } = await child.catch((error: unknown) => {
        ending = String(error)
        return error as { stdout: string; stderr: string }
      })
      ending += stderr
      for (const line of stdout.split('\n').filter((text) => text !== '')) {
        const verdict = JSON.parse(line) as Verdict
        verdicts.set(verdict.name, verdict)
      }
    })

    for (const name of names) {
      it(name, () => {
        const verdict = verdicts.get(name)
        assert.ok(verdict, `never ran: ${ending}`)
        assert.equal(verdict.error, undefined)
      })
    }
  })
}

function reasonToSkip(): string | false {
  const tools = 'nft list ruleset && iptables --version && ip6tables --version && ip link'
  const tried = spawnSync('unshare', ['-Urn', 'sh', '-c', tools], { env })
  return tried.status === 0
    ? false
    : 'NOT CHECKED: nft, iptables, ip or user namespaces are not to be had here'
}

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { silentLog } from '../base/log.ts'
import type { IpAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { noAddresses, normalizePrefixes } from './address-set.ts'
import { type CaptureChoice, createCapture } from './capture.ts'
import type { CapturePlan } from './plan.ts'
import { usualPlan } from './plans.case.ts'
import type { RunTool } from './run-tool.ts'

/** How rules come and go, seen with the eyes of the tools. */
export interface RuleLifeCase {
  readonly name: string
  readonly run: (choice: CaptureChoice, run: RunTool) => Promise<void>
}

const addresses = normalizePrefixes(['198.51.100.0/28', '2001:db8::1/128'].map(parsePrefix))
const plan: CapturePlan = { ...usualPlan, exempt: { uids: [0], gids: [0], mark: 7 }, addresses }
/** Passes every check of ours, and is understood by no tool. */
const badPrefix = { network: '2001:2::zz' as IpAddress, length: 64 }

export const ruleLifeCases: readonly RuleLifeCase[] = [
  {
    name: 'applied twice they are there once',
    async run(choice, run) {
      const capture = createCapture(choice, run, silentLog)
      await capture.apply(plan)
      const once = listRules()
      assert.match(once, /meshdns/i)
      await capture.apply(plan)
      assert.equal(listRules(), once)
      await capture.remove()
    },
  },
  {
    name: 'what a crashed run left is replaced',
    async run(choice, run) {
      const fresh = createCapture(choice, run, silentLog)
      await fresh.apply(plan)
      const want = listRules()
      const crashed = createCapture(choice, run, silentLog)
      await crashed.apply({ ...plan, dns: 'all', tcp: 'all', addresses: noAddresses })
      assert.notEqual(listRules(), want)
      const next = createCapture(choice, run, silentLog)
      await next.apply(plan)
      assert.equal(listRules(), want)
      await next.remove()
    },
  },
  {
    name: 'removed they leave nothing, also those of a crashed run',
    async run(choice, run) {
      for (const remover of ['the same', 'another']) {
        const capture = createCapture(choice, run, silentLog)
        await capture.apply(plan)
        await (remover === 'the same' ? capture : createCapture(choice, run, silentLog)).remove()
        assert.doesNotMatch(listRules(), /meshdns/i)
      }
      await createCapture(choice, run, silentLog).remove()
    },
  },
  {
    name: 'a plan that is refused changes nothing',
    async run(choice, run) {
      const bad = { ...plan, virtualPrefixes: [...plan.virtualPrefixes, badPrefix] }
      const capture = createCapture(choice, run, silentLog)
      await assert.rejects(capture.apply(bad), { code: 'CAPTURE_REFUSED' })
      assert.doesNotMatch(listRules(), /meshdns/i)
      await capture.apply(plan)
      const want = listRules()
      await assert.rejects(capture.apply(bad), { code: 'CAPTURE_REFUSED' })
      assert.equal(listRules(), want)
      await capture.remove()
    },
  },
  {
    name: 'many addresses are no obstacle',
    async run(choice, run) {
      // Rules of iptables take more room, and a user namespace gives them little.
      const length = choice === 'iptables' ? 300 : 6_000
      const many = Array.from({ length }, (_, at) => parsePrefix(`10.${at >> 8}.${at & 255}.1/32`))
      const last = many.at(-1)?.network ?? ''
      const capture = createCapture(choice, run, silentLog)
      await capture.apply({ ...plan, addresses: normalizePrefixes(many) })
      assert.ok(listRules().includes(last))
      await capture.update(normalizePrefixes(many.slice(0, -1)))
      assert.ok(!listRules().includes(last))
      await capture.update(normalizePrefixes(many.slice(length / 2)))
      assert.ok(listRules().includes(last))
      await capture.remove()
    },
  },
  {
    name: 'rules of others stay',
    async run(choice, run) {
      const table =
        'add table inet others; add chain inet others output { type filter hook output priority 0; }'
      execFileSync('nft', [`${table}; add rule inet others output counter`])
      execFileSync('iptables', ['-t', 'nat', '-A', 'OUTPUT', '-d', '192.0.2.1', '-j', 'ACCEPT'])
      const capture = createCapture(choice, run, silentLog)
      await capture.apply(plan)
      await capture.remove()
      assert.match(listRules(), /table inet others[\s\S]*counter/)
      assert.match(listRules(), /-A OUTPUT -d 192\.0\.2\.1\/32 -j ACCEPT/)
      execFileSync('nft', ['flush', 'ruleset'])
    },
  },
  {
    name: 'the choice of the tool is made once, and leftovers of the other go',
    async run(choice, run) {
      if (choice !== 'nftables') return
      await createCapture('iptables', run, silentLog).apply(plan)
      assert.match(listRules(), /MESHDNS_OUTPUT/)
      const capture = createCapture('auto', run, silentLog)
      await capture.apply(plan)
      assert.doesNotMatch(listRules(), /MESHDNS_OUTPUT/)
      assert.match(listRules(), /table inet meshdns/)
      await capture.remove()
    },
  },
]

/** Every rule of the namespace, as all tools see them, without what changes by itself. */
function listRules(): string {
  const list = (program: string, ...rest: readonly string[]) =>
    execFileSync(program, rest, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 << 20,
    })
      .replaceAll(/^#.*$/gm, '')
      .replaceAll(/packets \d+ bytes \d+|\[\d+:\d+\]/g, '')
  return list('nft', 'list', 'ruleset') + list('iptables-save') + list('ip6tables-save')
}

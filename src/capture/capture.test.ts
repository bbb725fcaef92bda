import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { silentLog } from '../base/log.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { normalizePrefixes } from './address-set.ts'
import { type CaptureChoice, createCapture } from './capture.ts'
import { usualPlan } from './plans.case.ts'
import {
  CaptureDeniedError,
  CaptureRefusedError,
  CaptureTimeoutError,
  CaptureToolMissingError,
  type RunTool,
} from './run-tool.ts'

type Failure = 'missing' | 'denied' | 'refused' | 'late'

/** A machine whose tools fail as told, and that writes down what was run. */
function machine(failures: Readonly<Partial<Record<'nft' | 'iptables' | 'ip6tables', Failure>>>) {
  const ran: string[] = []
  const run: RunTool = async (argv) => {
    const [program = ''] = argv
    ran.push(program)
    const failure = failures[program.replace(/-.*/, '') as keyof typeof failures]
    if (failure === 'missing') throw new CaptureToolMissingError([program])
    if (failure === 'denied') throw new CaptureDeniedError(argv, new Error('not permitted'))
    if (failure === 'refused') throw new CaptureRefusedError(argv, new Error('not supported'))
    if (failure === 'late') throw new CaptureTimeoutError(argv, 10_000)
    return ''
  }
  return { ran, run }
}

interface Case {
  readonly name: string
  readonly choice: CaptureChoice
  readonly failures: Parameters<typeof machine>[0]
  readonly want: 'nft' | 'ip6tables-restore' | { readonly code: string; readonly message?: RegExp }
}

const cases: readonly Case[] = [
  { name: 'nftables is taken where it works', choice: 'auto', failures: {}, want: 'nft' },
  {
    name: 'iptables is taken where nft is not installed',
    choice: 'auto',
    failures: { nft: 'missing' },
    want: 'ip6tables-restore',
  },
  {
    name: 'iptables is taken where the kernel knows no nftables',
    choice: 'auto',
    failures: { nft: 'refused' },
    want: 'ip6tables-restore',
  },
  {
    name: 'nftables is not replaced for being slow',
    choice: 'auto',
    failures: { nft: 'late' },
    want: { code: 'CAPTURE_TIMEOUT' },
  },
  {
    name: 'who is asked for is not replaced',
    choice: 'nftables',
    failures: { nft: 'refused' },
    want: { code: 'CAPTURE_REFUSED' },
  },
  {
    name: 'both are named when neither is installed',
    choice: 'auto',
    failures: { nft: 'missing', iptables: 'missing' },
    want: { code: 'CAPTURE_TOOL_MISSING', message: /nft or iptables-restore/ },
  },
  {
    name: 'missing rights say more than a missing tool',
    choice: 'auto',
    failures: { nft: 'denied', iptables: 'missing' },
    want: { code: 'CAPTURE_DENIED' },
  },
  {
    name: 'missing rights say more than refused rules',
    choice: 'auto',
    failures: { nft: 'refused', iptables: 'denied' },
    want: { code: 'CAPTURE_DENIED' },
  },
]

describe('the choice of the tool', () => {
  for (const { name, choice, failures, want } of cases) {
    it(name, async () => {
      const { ran, run } = machine(failures)
      const applied = createCapture(choice, run, silentLog).apply(usualPlan)
      if (typeof want === 'object') return assert.rejects(applied, want)
      await applied
      assert.ok(ran.includes(want))
    })
  }
})

describe('a capture', () => {
  it('runs one tool at a time, and many changes at once as one', async () => {
    let running = 0
    let calls = 0
    const run: RunTool = async () => {
      running += 1
      calls += 1
      assert.equal(running, 1)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return ''
    }
    const capture = createCapture('nftables', run, silentLog)
    const steps = [1, 2, 3].map((last) => capture.update(only(`10.0.0.${last}/32`)))
    await Promise.all([capture.apply(usualPlan), ...steps])
    assert.equal(calls, 1)
    const more = [4, 5, 6].map((last) => capture.update(only(`10.0.0.${last}/32`)))
    await Promise.all([...more, capture.remove()])
    assert.equal(calls, 3)
  })

  it('goes on after a failure', async () => {
    const { ran, run } = machine({})
    let denied = true
    const capture = createCapture(
      'nftables',
      (argv, input) =>
        denied ? Promise.reject(new CaptureDeniedError(argv, undefined)) : run(argv, input),
      silentLog,
    )
    await assert.rejects(capture.apply(usualPlan), { code: 'CAPTURE_DENIED' })
    await assert.rejects(capture.remove(), { code: 'CAPTURE_DENIED' })
    denied = false
    await capture.apply(usualPlan)
    assert.deepEqual(ran, ['nft'])
  })

  it('runs nothing to change or release what is not in force', async () => {
    const { ran, run } = machine({})
    const capture = createCapture('auto', run, silentLog)
    await capture.update(only('10.0.0.1/32'))
    await capture.release()
    assert.equal(await capture.isInForce(), false)
    assert.deepEqual(await capture.counts(), [])
    assert.deepEqual(ran, [])
  })
})

function only(prefix: string) {
  return normalizePrefixes([parsePrefix(prefix)])
}

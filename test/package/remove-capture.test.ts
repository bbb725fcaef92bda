import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { addressesChain, outputChain } from '../../src/capture/iptables-leftovers.ts'
import { nftablesTable } from '../../src/capture/nftables.ts'
import { root } from '../architecture/tree.ts'

const script = join(root, 'packaging/remove-capture')

/** Runs shell text in a network namespace of its own; `undefined` when none is to be had. */
function runApart(text: string): string | undefined {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`
  const words = ['--user', '--map-root-user', '--net', 'sh', '-eu', '-c']
  const probe = spawnSync('unshare', [...words, 'nft list tables'], { env: { PATH: path } })
  if (probe.status !== 0) return undefined
  const { stdout, stderr } = spawnSync('unshare', [...words, text], {
    encoding: 'utf8',
    env: { PATH: path },
  })
  return stdout + stderr
}

describe('packaging/remove-capture', () => {
  it('takes the nftables table away, and nobody else’s', (t) => {
    const output = runApart(`
      nft add table ${nftablesTable}
      nft add table inet other
      ${script}
      nft list tables`)
    if (output === undefined) return t.skip('no network namespace with nft is to be had')
    assert.equal(output, 'table inet other\n')
  })

  it('takes the iptables chains away, also when OUTPUT leads to them twice', (t) => {
    const output = runApart(`
      for tool in iptables ip6tables; do
        for table in nat raw filter; do
          $tool -t $table -N ${outputChain}
          $tool -t $table -A OUTPUT -j ${outputChain}
          $tool -t $table -A OUTPUT -j ${outputChain}
          $tool -t $table -A OUTPUT -p tcp --dport 9 -j ACCEPT
        done
        $tool -t nat -N ${addressesChain}
        $tool -t nat -A ${outputChain} -p tcp -j ${addressesChain}
      done
      ${script}
      for tool in iptables ip6tables; do
        for table in nat raw filter; do $tool -t $table -S; done
      done | grep -E 'MESHDNS|-A' | sort | uniq -c`)
    if (output === undefined) return t.skip('no network namespace with nft is to be had')
    assert.equal(
      output.trim().replace(/\s+/g, ' '),
      '6 -A OUTPUT -p tcp -m tcp --dport 9 -j ACCEPT',
    )
  })

  it('has nothing to say where there is nothing to take away', (t) => {
    const output = runApart(script)
    if (output === undefined) return t.skip('no network namespace with nft is to be had')
    assert.equal(output, '')
  })
})

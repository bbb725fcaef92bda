import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { renderIptables } from './iptables.ts'
import { renderNftables } from './nftables.ts'
import { planCases } from './plans.case.ts'

const folder = join(import.meta.dirname, 'golden')
const path = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin'

const rendered = new Map(
  Object.entries(planCases).flatMap(([name, plan]) => [
    [`${name}.nft.rules`, renderNftables(plan)],
    [`${name}.ip4.rules`, renderIptables(plan, 4)],
    ...(plan.ipv6 ? [[`${name}.ip6.rules`, renderIptables(plan, 6)] as const] : []),
  ]),
)

describe('the rules', () => {
  for (const [file, text] of rendered) {
    it(`are those of ${file}`, () => {
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(join(folder, file), text)
      assert.equal(text, readFileSync(join(folder, file), 'utf8'))
    })
  }

  it('are all that the folder holds', () => {
    assert.deepEqual(readdirSync(folder).sort(), [...rendered.keys()].sort())
  })

  for (const { ending, tool } of [
    { ending: '.nft.rules', tool: 'nft -c -f' },
    { ending: '.ip4.rules', tool: 'iptables-restore --noflush --test' },
    { ending: '.ip6.rules', tool: 'ip6tables-restore --noflush --test' },
  ]) {
    it(`are understood by ${tool}`, { skip: reasonToSkip(tool) }, () => {
      const script = `for file in *${ending}; do ${tool} "$file" || echo "$file"; done 2>&1`
      const printed = execFileSync('unshare', ['-Urn', 'sh', '-c', script], {
        cwd: folder,
        env: { PATH: path },
        encoding: 'utf8',
      })
      assert.equal(printed, '')
    })
  }
})

function reasonToSkip(tool: string): string | false {
  const [program = ''] = tool.split(' ')
  const tried = spawnSync('unshare', ['-Urn', program, '--version'], { env: { PATH: path } })
  return tried.status === 0 ? false : `NOT CHECKED: ${program} or namespaces are not to be had here`
}

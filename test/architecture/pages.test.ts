import assert from 'node:assert/strict'
import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Command } from '../../src/cli/command.ts'
import { findCommand } from '../../src/cli/command-list.ts'
import { blocksOf, commandsOf, findDeadLinks, findDeadPaths } from './pages.ts'
import { readTree, root } from './tree.ts'

const pages = readTree(
  ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs', 'bench', 'examples'],
  ['.md'],
)

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

/** Programs that pages call, next to our own. */
const foreign =
  /^(apt-get|cat|cp|curl|dig|helm|install|kubectl|(docker|podman) (build|push)|kind load|systemctl|systemd-(sysusers|tmpfiles)|journalctl|sysctl|npm (pack|install|ci|test)|node --test)\b/

/** What is wrong with a command of ours: no such command, no such option. */
async function faultOf(line: string): Promise<string | undefined> {
  const npm = /^npm run (\S+)/.exec(line)?.[1]
  if (npm !== undefined) return npm in scripts ? undefined : `no npm script ${npm}`
  const script = /^(scripts\/\S+)$/.exec(line)?.[1]
  if (script !== undefined) {
    accessSync(join(root, script), constants.X_OK)
    return undefined
  }
  const [, name = '', rest = ''] = /^(?:\.\/)?meshdns (\S+)(.*)$/.exec(line) ?? []
  if (name === '') return foreign.test(line) ? undefined : 'neither ours nor a program that we know'
  if (name.startsWith('-')) return ['--version', '--help'].includes(name) ? undefined : 'no option'
  const entry = findCommand(`${name}${rest}`.split(/\s+/))
  return entry ? optionFault(await entry.load(), rest) : `no command ${name}`
}

function optionFault({ options }: Command, words: string): string | undefined {
  const own = words.split(' -- ')[0] ?? ''
  const known = options.flatMap(({ flags }) => flags.match(/--?[\w-]+/g) ?? [])
  return own
    .split(/\s+/)
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.replace(/=.*/, ''))
    .filter((word) => word !== '--help' && !known.includes(word))
    .map((word) => `no option ${word}`)[0]
}

describe('the pages', () => {
  it('link to files that are there', () => {
    assert.deepEqual(pages.flatMap(findDeadLinks), [])
  })

  it('name files that are there', () => {
    assert.deepEqual(pages.flatMap(findDeadPaths), [])
  })

  it('call commands, options and scripts that are there', async () => {
    const blocks = pages.flatMap(blocksOf).filter(({ language }) => language === 'sh')
    const faults: string[] = []
    for (const block of blocks) {
      for (const line of commandsOf(block)) {
        const fault = await faultOf(line)
        if (fault !== undefined) faults.push(`${block.path}:${block.line}: ${line}: ${fault}`)
      }
    }
    assert.deepEqual(faults, [])
  })

  it('tell how to run the tests in one line that is complete', () => {
    const lines = pages
      .filter(({ path }) => path === 'README.md')
      .flatMap(blocksOf)
      .flatMap(commandsOf)
    assert.ok(lines.includes('scripts/test'))
    assert.ok(lines.includes('./meshdns demo'))
  })
})

describe('faultOf', () => {
  for (const [line, want] of [
    ['./meshdns fly', 'no command fly'],
    ['meshdns validate --fly', 'no option --fly'],
    ['npm run fly', 'no npm script fly'],
    ['fly', 'neither ours nor a program that we know'],
  ] as const) {
    it(`objects to ${line}`, async () => assert.equal(await faultOf(line), want))
  }
})

describe('ARCHITECTURE.md', () => {
  const text = pages.find(({ path }) => path === 'ARCHITECTURE.md')?.text ?? ''
  const rooms = new Set(readTree(['src'], ['.ts']).map(({ path }) => path.split('/')[1] ?? ''))

  for (const room of rooms) {
    it(`has a paragraph about ${room}`, () => {
      assert.match(text, new RegExp(`^\\*\\*\`${room}\`\\*\\* `, 'm'))
    })
  }

  for (const life of ['query', 'ServiceEntry', 'ServiceEntry in a cluster']) {
    it(`tells the life of a ${life} in fewer than ten files`, () => {
      const section = text
        .split(new RegExp(`^## The life of a ${life}$`, 'm'))[1]
        ?.split(/^## /m)[0]
      const files = new Set(section?.match(/`src\/[\w/-]+\.ts`/g))
      assert.ok(files.size > 3 && files.size < 10, `${files.size} files`)
    })
  }
})

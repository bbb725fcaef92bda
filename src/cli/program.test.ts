import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { commandList } from './command-list.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

function meshdns(...words: readonly string[]) {
  return spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' })
}

interface Case {
  readonly name: string
  readonly words: readonly string[]
  readonly want: RegExp
}

const misuses: readonly Case[] = [
  {
    name: 'a misspelt command',
    words: ['servces'],
    want: /^error\[CLI_USAGE\]: unknown command 'servces'\nhint: Did you mean services\?\n$/,
  },
  {
    name: 'a misspelt option',
    words: ['services', '--nampespace', 'x'],
    want: /^error\[CLI_USAGE\]: unknown option '--nampespace'\nhint: Did you mean --namespace\?\n$/,
  },
  {
    name: 'a missing operand',
    words: ['explain'],
    want: /missing required argument 'name'\nhint: See: meshdns explain --help\n$/,
  },
  {
    name: 'a form of output that does not exist',
    words: ['services', '-o', 'xml'],
    want: /Allowed choices are table, json, yaml/,
  },
  {
    name: 'help of a command that does not exist',
    words: ['help', 'servces'],
    want: /^error\[CLI_USAGE\]: unknown command 'servces'\nhint: Did you mean services\?\n$/,
  },
  {
    name: 'a name that is none',
    words: ['explain', '-f', 'x', 'two..dots'],
    want: /^error\[WIRE_NAME_SYNTAX\]: not a domain name: "two\.\.dots"\n/,
  },
  { name: 'no file', words: ['services'], want: /no file is named\nhint: .*-f PATH/ },
  { name: 'a command that runs nothing', words: ['run', '-f', 'x'], want: /'command'/ },
]

describe('the command line', () => {
  for (const { name, words, want } of misuses) {
    it(`refuses ${name}`, () => {
      const { status, stdout, stderr } = meshdns(...words)
      assert.match(stderr, want)
      assert.deepEqual([status, stdout], [2, ''])
    })
  }

  it('prints its version', () => {
    assert.match(meshdns('--version').stdout, /^\d+\.\d+\.\d+\n$/)
  })

  it('lists its commands', () => {
    const { stdout, status } = meshdns('--help')
    for (const { name, summary } of commandList) {
      assert.match(stdout, new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, 'm'))
    }
    assert.equal(status, 0)
  })

  it('prints help of every command, with examples', () => {
    for (const { name } of commandList) {
      const { stdout, stderr, status } = meshdns(name, '--help')
      assert.deepEqual([stderr, status], ['', 0])
      assert.match(stdout, new RegExp(`^Usage: meshdns ${name}`))
      assert.match(stdout, /Examples:\n {2}# \w/)
      assert.equal(meshdns('help', name).stdout, stdout)
    }
  })

  it('ends quietly when nobody reads on', () => {
    const line = '"$@" 2>&1 | head -c 10; echo "$?"'
    const words = ['-c', line, 'sh', process.execPath, main, 'agent', '--help']
    const { stdout, stderr } = spawnSync('sh', words, { encoding: 'utf8' })
    assert.deepEqual([stdout, stderr], ['Usage: mes0\n', ''])
  })

  it('prints errors as one line of JSON where JSON was asked for', () => {
    const { stderr, status } = meshdns('services', '-o', 'json')
    const { error } = JSON.parse(stderr) as { readonly error: Readonly<Record<string, unknown>> }
    assert.equal(error['code'], 'CLI_USAGE')
    assert.deepEqual(Object.keys(error), ['code', 'message', 'causes', 'hint'])
    assert.equal(status, 2)
  })
})

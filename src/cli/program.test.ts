import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { commandGroups, commandList, isNamed } from './command-list.ts'

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
    name: 'a misspelt command of a group',
    words: ['workload', 'group', 'creat'],
    want: /^error\[CLI_USAGE\]: unknown command 'creat'\nhint: Did you mean create\?\n$/,
  },
  {
    name: 'a command of a group that is like no other',
    words: ['workload', 'fly'],
    want: /^error\[CLI_USAGE\]: unknown command 'fly'\nhint: See: meshdns workload --help\n$/,
  },
  {
    name: 'help of a command that a group does not have',
    words: ['help', 'workload', 'group', 'creat'],
    want: /^error\[CLI_USAGE\]: unknown command 'creat'\nhint: Did you mean create\?\n$/,
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
      if (name.includes(' ')) continue
      assert.match(stdout, new RegExp(`^  ${name} .*${summary.slice(0, 20)}`, 'm'))
    }
    assert.equal(status, 0)
  })

  it('prints help of every command, with examples', () => {
    for (const { name } of commandList) {
      const words = name.split(' ')
      const { stdout, stderr, status } = meshdns(...words, '--help')
      assert.deepEqual([stderr, status], ['', 0])
      assert.match(stdout, new RegExp(`^Usage: meshdns ${name}`))
      assert.match(stdout, /Examples:\n {2}# \w/)
      assert.equal(meshdns('help', ...words).stdout, stdout)
    }
  })

  it('lists the commands of a group', () => {
    for (const group of commandGroups.keys()) {
      const words = group.split(' ')
      const { stdout, stderr, status } = meshdns(...words, '--help')
      assert.deepEqual([stderr, status], ['', 0])
      assert.match(stdout, new RegExp(`^Usage: meshdns ${group}`))
      for (const { name } of commandList) {
        const [next, ...more] = name.startsWith(`${group} `)
          ? name.slice(group.length + 1).split(' ')
          : []
        if (next !== undefined && more.length === 0)
          assert.match(stdout, new RegExp(`^  ${next} `, 'm'))
      }
      assert.equal(meshdns('help', ...words).stdout, stdout)
    }
  })

  it('says what a group is about, and prints its help, when no command of it is named', () => {
    const { stdout, stderr, status } = meshdns('workload')
    assert.deepEqual([stdout, status], ['', 2])
    assert.match(stderr, /^Usage: meshdns workload/)
  })

  it('has a group for every word before the last', () => {
    for (const { name } of commandList) {
      const words = name.split(' ')
      words.forEach((_, at) => assert.ok(at === 0 || isNamed(words.slice(0, at)), name))
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

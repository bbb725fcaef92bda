import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readTree } from './tree.ts'
import { findWordFaults } from './words.ts'

const written = ['.ts', '.md', '.yaml', '.yml', '.json', '.sh', '.service', '.conf', '.rules']
const folders = ['src', 'test', 'scripts', 'bench', 'docs', 'packaging']
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'package.json']

const offences: readonly { readonly path: string; readonly text: string; readonly want: string }[] =
  [
    { path: 'a.ts', text: '// see /home/kim/notes', want: 'a.ts:1: a path of one machine' },
    { path: 'a.ts', text: '// TODO: think', want: 'a.ts:1: an unfinished thought' },
    {
      path: 'src/a.ts',
      text: '\n/** Cures issue 12. */',
      want: 'src/a.ts:2: a number that means nothing to a reader',
    },
    { path: 'a.md', text: 'It simply runs.', want: 'a.md:1: praise, not information' },
    { path: 'a.md', text: 'The VIP moves.', want: 'a.md:1: «virtual address» in prose' },
    { path: 'a.md', text: 'two bytes long', want: 'a.md:1: «octet» in prose' },
  ]

describe('the words', () => {
  it('suit a product that others read', () => {
    assert.deepEqual(findWordFaults(readTree([...folders, ...pages], [...written])), [])
  })
})

describe('findWordFaults', () => {
  for (const { path, text, want } of offences) {
    it(`names file and line of ${JSON.stringify(text.trim())}`, () => {
      assert.deepEqual(findWordFaults([{ path, text }]), [want])
    })
  }

  it('lets paths of a system pass', () => {
    const text = 'It reads /etc/resolv.conf and https://example.com/home/page.'
    assert.deepEqual(findWordFaults([{ path: 'a.md', text }]), [])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { entryYaml } from '../testing/entry-yaml.ts'
import { fileFinding } from './file-finding.ts'
import { type FileObjects, keepObjects, noObjects, updateObjects } from './file-objects.ts'

const good = (name: string, host = `${name}.test`) => entryYaml({ name, hosts: [host] })
const bad = (name: string) => entryYaml({ name, hosts: [] })
const broken = 'kind: [\n'
const unnamed = 'hello: world\n'

interface Case {
  readonly name: string
  /** The versions of one file, each a list of documents. */
  readonly versions: readonly (readonly string[])[]
  /** The hosts in force in the end. */
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'the objects of the file, in its order',
    versions: [[good('b'), good('a')]],
    want: ['b.test', 'a.test'],
  },
  {
    name: 'an object that was removed is gone',
    versions: [[good('a'), good('b')], [good('b')]],
    want: ['b.test'],
  },
  {
    name: 'a new version counts',
    versions: [[good('a')], [good('a', 'new.test')]],
    want: ['new.test'],
  },
  {
    name: 'a bad object that was never good is left out',
    versions: [[bad('a'), good('b')]],
    want: ['b.test'],
  },
  {
    name: 'a bad object leaves its last good version, in its place',
    versions: [
      [good('a'), good('b')],
      [bad('a'), good('b')],
    ],
    want: ['a.test', 'b.test'],
  },
  {
    name: 'it does so however often the file changes',
    versions: [[good('a')], [bad('a')], [bad('a'), good('b')]],
    want: ['a.test', 'b.test'],
  },
  {
    name: 'a mended object takes its place again',
    versions: [[good('a')], [bad('a')], [good('a', 'new.test')]],
    want: ['new.test'],
  },
  {
    name: 'a bad object that is removed is gone',
    versions: [[good('a'), good('b')], [bad('a'), good('b')], [good('b')]],
    want: ['b.test'],
  },
  {
    name: 'the others of the file go on when one is bad',
    versions: [
      [good('a'), good('b')],
      [bad('a'), good('b', 'new.test')],
    ],
    want: ['a.test', 'new.test'],
  },
  {
    name: 'a document with broken syntax keeps the object that it may have been',
    versions: [
      [good('a'), good('b')],
      [good('a'), broken],
    ],
    want: ['a.test', 'b.test'],
  },
  {
    name: 'a document that lost its kind does so as well',
    versions: [
      [good('a'), good('b')],
      [unnamed, good('b')],
    ],
    want: ['b.test', 'a.test'],
  },
  {
    name: 'and keeps it while it stays broken',
    versions: [
      [good('a'), good('b')],
      [good('a'), broken],
      [good('a', 'new.test'), broken],
    ],
    want: ['new.test', 'b.test'],
  },
  {
    name: 'an object that is removed later is gone all the same',
    versions: [
      [good('a'), good('b'), good('c')],
      [good('a'), broken, good('c')],
      [good('a'), broken],
    ],
    want: ['a.test', 'b.test'],
  },
  {
    name: 'a document that was never an object keeps nothing',
    versions: [
      [good('a'), good('b'), unnamed],
      [good('a'), unnamed],
    ],
    want: ['a.test'],
  },
  {
    name: 'all is well once the syntax is mended',
    versions: [[good('a'), good('b')], [good('a'), broken], [good('a')]],
    want: ['a.test'],
  },
  { name: 'an empty file has no objects', versions: [[good('a')], []], want: [] },
]

describe('updateObjects', () => {
  for (const { name, versions, want } of cases) {
    it(name, () => {
      const last = versions.reduce(update, noObjects)
      assert.deepEqual(hostsOf(last), want)
    })
  }

  it('says what is wrong with each version, and no more', () => {
    const first = update(update(noObjects, [good('a')]), [bad('a')])
    assert.equal(first.findings[0]?.severity, 'error')
    assert.equal(first.findings[0]?.object?.name, 'a')
    assert.deepEqual(update(first, [good('a')]).findings, [])
  })
})

describe('keepObjects', () => {
  const finding = fileFinding('FILE_TOO_LARGE', 'a.yaml', 'too large')

  it('keeps everything, with one finding', () => {
    const kept = keepObjects(update(noObjects, [good('a'), bad('b')]), finding)
    assert.deepEqual(hostsOf(kept), ['a.test'])
    assert.deepEqual(kept.findings, [finding])
  })

  it('lets go of what is gone when the file can be read again', () => {
    const kept = keepObjects(update(noObjects, [good('a'), good('b')]), finding)
    assert.deepEqual(hostsOf(update(kept, [good('b')])), ['b.test'])
  })
})

function update(before: FileObjects, documents: readonly string[]): FileObjects {
  const text = documents.join('---\n')
  return updateObjects(before, { text, file: 'a.yaml' }, { defaultNamespace: 'default' })
}

function hostsOf({ objects }: FileObjects): readonly string[] {
  return objects.flatMap((object) => (object.kind === 'ServiceEntry' ? object.hosts : []))
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findNameFaults } from './file-names.ts'
import { readSources } from './tree.ts'

describe('the file names', () => {
  it('say what is inside, and no file is a barrel', () => {
    assert.deepEqual(findNameFaults(readSources()), [])
  })
})

describe('findNameFaults', () => {
  it('names empty names, also of tests', () => {
    const files = ['src/ip/utils.ts', 'src/ip/types.test.ts'].map((path) => ({ path, text: '' }))
    assert.deepEqual(findNameFaults(files), [
      'src/ip/utils.ts: the name says nothing of what is inside',
      'src/ip/types.test.ts: the name says nothing of what is inside',
    ])
  })

  it('names what is not in kebab-case', () => {
    assert.deepEqual(findNameFaults([{ path: 'src/ip/socketAddress.ts', text: '' }]), [
      'src/ip/socketAddress.ts: not in kebab-case',
    ])
  })

  it('names a barrel', () => {
    const text = "/** All. */\nexport { a } from './a.ts'\nexport type {\n  B,\n} from './b.ts'\n"
    assert.deepEqual(findNameFaults([{ path: 'src/ip/all.ts', text }]), [
      'src/ip/all.ts: only passes on what other files export',
    ])
  })

  it('lets a file pass that has something of its own', () => {
    const text = "export { a } from './a.ts'\nexport const b = 1\n"
    assert.deepEqual(findNameFaults([{ path: 'src/ip/address.ts', text }]), [])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { distributionOf, findSizeFaults } from './sizes.ts'
import { isProduct, readSources, type TreeFile } from './tree.ts'

function fileOf(name: string, lines: number): TreeFile {
  return { path: `src/serve/${name}.ts`, text: 'x\n'.repeat(lines) }
}

describe('the files', () => {
  it('are short', (t) => {
    const files = readSources()
    t.diagnostic(JSON.stringify(distributionOf(files.filter(isProduct))))
    assert.deepEqual(findSizeFaults(files), [])
  })
})

describe('findSizeFaults', () => {
  it('names a file of more than 300 lines', () => {
    const files = [fileOf('long', 301), ...Array.from({ length: 20 }, () => fileOf('short', 20))]
    assert.deepEqual(findSizeFaults(files), ['src/serve/long.ts has 301 lines, more than 300'])
  })

  it('lets 300 lines pass', () => {
    const files = [fileOf('long', 300), ...Array.from({ length: 20 }, () => fileOf('short', 20))]
    assert.deepEqual(findSizeFaults(files), [])
  })

  it('speaks up when the median file is long', () => {
    assert.deepEqual(findSizeFaults([fileOf('a', 80), fileOf('b', 80), fileOf('c', 2)]), [
      'the median file of src has 80 lines',
    ])
  })

  it('names the long files when one in ten is long', () => {
    const files = [fileOf('long', 250), ...Array.from({ length: 8 }, () => fileOf('short', 20))]
    assert.deepEqual(findSizeFaults(files), [
      'a tenth of src has 250 lines or more: src/serve/long.ts',
    ])
  })
})

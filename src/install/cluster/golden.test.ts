import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { stringify } from 'yaml'
import { definitions } from './definitions/definitions.ts'

const packaging = join(import.meta.dirname, '../../../packaging')

/** Compares with a committed file, or rewrites it. */
function compare(path: string, text: string): void {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text)
  assert.equal(text, readFileSync(path, 'utf8'), path)
}

describe('packaging/kubernetes/definitions', () => {
  const folder = join(packaging, 'kubernetes/definitions')

  for (const [plural, definition] of definitions) {
    it(`has ${plural} as we define them`, () => {
      const text = stringify(definition, { aliasDuplicateObjects: false, lineWidth: 0 })
      compare(join(folder, `${plural}.yaml`), text)
    })
  }

  it('has nothing else', () => {
    const want = [...definitions.keys()].map((plural) => `${plural}.yaml`)
    assert.deepEqual(readdirSync(folder).toSorted(), want.toSorted())
  })
})

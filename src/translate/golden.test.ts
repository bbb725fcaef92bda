import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { stringify } from 'yaml'
import { readDocuments } from '../documents/documents.ts'
import { formatFinding } from '../documents/finding.ts'
import { parseObject } from './parse-object.ts'
import { translate } from './translate.ts'

const folder = join(import.meta.dirname, 'golden')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.in.yaml'))
  .map((file) => file.slice(0, -'.in.yaml'.length))

/** What becomes of a file, as text: services as they are, findings as people see them. */
function translateFile(name: string): string {
  const file = `${name}.in.yaml`
  const read = readDocuments(readFileSync(join(folder, file), 'utf8'), file)
  const parsed = read.documents.map((document) =>
    parseObject(document, { defaultNamespace: 'default' }),
  )
  const objects = parsed.flatMap(({ object }) => object ?? [])
  const { services, findings } = translate(objects, {
    clusterDomain: 'cluster.local',
    defaultExportTo: ['*'],
    autoAllocate: true,
  })
  const all = [...read.findings, ...parsed.flatMap((one) => one.findings), ...findings]
  return stringify(
    { services, findings: all.map(formatFinding) },
    { aliasDuplicateObjects: false, lineWidth: 0 },
  )
}

describe('translate', () => {
  for (const name of names) {
    it(`makes of ${name}.in.yaml what ${name}.out.yaml says`, () => {
      const got = translateFile(name)
      const file = join(folder, `${name}.out.yaml`)
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, got)
      assert.equal(got, readFileSync(file, 'utf8'))
    })
  }

  it('has an input for every golden output', () => {
    const outputs = readdirSync(folder).filter((file) => file.endsWith('.out.yaml'))
    assert.deepEqual(
      outputs.map((file) => file.slice(0, -'.out.yaml'.length)).sort(),
      names.toSorted(),
    )
  })
})

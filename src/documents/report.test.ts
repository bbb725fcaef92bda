import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readDocuments } from './documents.ts'
import { Report } from './report.ts'

it('a report does not quote the whole of what is huge', () => {
  const [document] = readDocuments('a: 1', 'x.yaml').documents
  assert.ok(document)
  const report = new Report(document)
  const huge = 'x'.repeat(100_000)
  report.error({ code: 'E1', path: [huge], message: huge, hint: huge })
  const [finding] = report.findings
  assert.deepEqual(
    [finding?.path, finding?.message, finding?.hint].map((text) => text?.length),
    [1_001, 1_001, 1_001],
  )
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readInstallConfig } from '../../src/config/install-config.ts'
import { readDocuments } from '../../src/documents/documents.ts'
import { formatFinding } from '../../src/documents/finding.ts'
import { parseObject } from '../../src/translate/parse-object.ts'
import { blocksOf } from './pages.ts'
import { readTree } from './tree.ts'

/** What `validate` would say of some YAML. */
function faultsOf(text: string, file: string): string[] {
  if (text.includes('kind: IstioOperator')) {
    return readInstallConfig({ files: [{ file, text }], sets: [] }).findings.map(formatFinding)
  }
  const { documents, findings } = readDocuments(text, file)
  const options = { defaultNamespace: 'default', autoAllocate: true }
  const found = documents.flatMap((document) => parseObject(document, options).findings)
  return [...findings, ...found].map(formatFinding)
}

/** Of a kind that meshdns does not read. */
const isOthers = (text: string) => text.includes('kind: NetworkPolicy')

const blocks = readTree(['README.md', 'docs'], ['.md'])
  .flatMap(blocksOf)
  .filter(({ language, text }) => language === 'yaml' && text.includes('apiVersion:'))
  .filter(({ text }) => !isOthers(text))

describe('objects that people copy', () => {
  it('are on some page', () => assert.ok(blocks.length > 0))

  for (const { path, line, text } of blocks) {
    it(`${path}:${line} is without fault`, () => assert.deepEqual(faultsOf(text, path), []))
  }

  for (const { path, text } of readTree(['examples'], ['.yaml'])) {
    it(`${path} is without fault`, () => assert.deepEqual(faultsOf(text, path), []))
  }

  it('would be found out', () => {
    assert.equal(
      faultsOf('kind: ServiceEntry\napiVersion: networking.istio.io/v1\n', 'a').length > 0,
      true,
    )
  })
})

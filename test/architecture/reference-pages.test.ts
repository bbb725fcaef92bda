import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readHealthSpecs, readMeterSpecs } from '../../scripts/reference/declarations.ts'
import { findErrorFaults, readErrorClasses } from '../../scripts/reference/error-classes.ts'
import { renderPages } from '../../scripts/reference/pages.ts'
import { isProduct, readSources, readTree, root } from './tree.ts'

const product = readSources().filter(isProduct)

describe('the reference pages', async () => {
  const pages = await renderPages()

  for (const [path, want] of pages) {
    it(`${path} says what the code says (npm run docs)`, () => {
      assert.equal(readFileSync(join(root, path), 'utf8'), want)
    })
  }

  it('are all printed: no page is left over from something that is gone', () => {
    const found = readTree(['docs/reference'], ['.md']).map(({ path }) => path)
    assert.deepEqual(found, [...pages.keys()].toSorted())
  })
})

describe('what the pages are printed from', () => {
  it('says something of every error, once per code', () => {
    assert.deepEqual(findErrorFaults(product), [])
  })

  it('names every metric and health item once', async () => {
    const metrics = (await readMeterSpecs()).map(({ value }) => value.name)
    const items = (await readHealthSpecs()).map(({ value }) => value.code)
    assert.equal(new Set(metrics).size, metrics.length)
    assert.equal(new Set(items).size, items.length)
  })

  it('gives metrics names that Prometheus users expect', async () => {
    const odd = (await readMeterSpecs()).filter(
      ({ value: { name, kind } }) =>
        !/^(meshdns|istio_agent|process|nodejs)_[a-z0-9_]+$/.test(name) ||
        (kind === 'counter') !== name.endsWith('_total') ||
        (kind === 'histogram' && !/_(seconds|octets|bytes)$/.test(name)),
    )
    assert.deepEqual(odd, [])
  })
})

describe('readErrorClasses', () => {
  const path = 'src/serve/a.ts'

  it('reads code, comment and hint', () => {
    const text = [
      '/** Something else. */',
      'const x = 1',
      '/** It broke.',
      ' *',
      ' * Nothing was changed. */',
      'export class BrokenError extends CodedError {',
      "  override readonly code = 'SERVE_BROKEN'",
      '  constructor(part: string) {',
      "    super('broken', { hint: `Mend ${part}, ` +",
      "      'or not.' })",
      '  }',
      '}',
    ].join('\n')
    assert.deepEqual(readErrorClasses([{ path, text }]), [
      {
        name: 'BrokenError',
        code: 'SERVE_BROKEN',
        description: 'It broke. Nothing was changed.',
        hint: 'Mend …, or not.',
        path,
      },
    ])
    assert.deepEqual(findErrorFaults([{ path, text }]), [])
  })

  it('names a class without a comment, one without a code, and a code used twice', () => {
    const text = [
      'class A extends CodedError {',
      "  readonly code = 'SERVE_A'",
      '}',
      '/** B. */',
      'class B extends CodedError {',
      "  readonly code = 'SERVE_A'",
      '}',
      '/** C. */',
      'class C extends CodedError {',
      '}',
    ].join('\n')
    assert.deepEqual(findErrorFaults([{ path, text }]), [
      'src/serve/a.ts: A has no doc comment',
      'src/serve/a.ts: C has no code',
      'src/serve/a.ts: B uses the code SERVE_A of src/serve/a.ts',
    ])
  })
})

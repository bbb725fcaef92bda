import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { admissionWarnings } from './warnings.ts'

describe('admissionWarnings', () => {
  it('leaves alone what fits into a line', () => {
    assert.deepEqual(admissionWarnings(['spec.hosts[0]: one', 'two']), [
      'spec.hosts[0]: one',
      'two',
    ])
  })

  it('cuts long texts between words, and loses none', () => {
    const text = Array.from({ length: 60 }, (_, at) => `word${at}`).join(' ')
    const lines = admissionWarnings([text])
    assert.ok(lines.length > 2)
    for (const line of lines) assert.ok(line.length <= 120, line)
    for (const line of lines.slice(1)) assert.match(line, /^ {2}word/)
    assert.equal(lines.map((line) => line.trim()).join(' '), text)
  })

  it('cuts a word that is longer than a line', () => {
    const lines = admissionWarnings([`a ${'x'.repeat(300)}`])
    for (const line of lines) assert.ok(line.length <= 120, line)
    assert.equal(lines.join('').match(/x/g)?.length, 300)
  })

  it('makes one line of several', () => {
    assert.deepEqual(admissionWarnings(['a\n  b\tc']), ['a b c'])
  })

  it('counts what goes beyond what the API keeps', () => {
    const texts = Array.from({ length: 100 }, (_, at) => `${at} ${'x'.repeat(100)}`)
    const lines = admissionWarnings(texts)
    assert.ok(lines.join('').length <= 4_096)
    assert.equal(lines.at(-1), `and ${100 - (lines.length - 1)} more`)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { wantsColor } from './command-io.ts'
import { formatTable } from './table.ts'

const head = ['NAME', 'PORT']

describe('formatTable', () => {
  it('makes columns as wide as their widest cell, and ends lines without blanks', () => {
    const rows = [['a', '80'], ['longer name', '443'], ['b']]
    assert.equal(
      formatTable({ head, rows, empty: '' }, false),
      'NAME         PORT\na            80\nlonger name  443\nb\n',
    )
  })

  it('says so when there are no rows', () => {
    assert.equal(formatTable({ head, rows: [], empty: 'Nothing.' }, false), 'Nothing.\n')
  })

  it('lets no data move the cursor of a terminal', () => {
    const text = formatTable({ head, rows: [['\u001b[2Ja\u0007', '1']], empty: '' }, false)
    assert.equal(text, 'NAME  PORT\na\u{fffd}    1\n')
  })

  it('has a bold head where colour is wanted', () => {
    assert.ok(
      formatTable({ head, rows: [['a', '1']], empty: '' }, true).startsWith('\u001b[1mNAME'),
    )
  })
})

describe('wantsColor', () => {
  it('is for terminals, unless NO_COLOR says otherwise', () => {
    assert.equal(wantsColor({ isTTY: true }, {}), true)
    assert.equal(wantsColor({ isTTY: true }, { NO_COLOR: '1' }), false)
    assert.equal(wantsColor({ isTTY: true }, { TERM: 'dumb' }), false)
    assert.equal(wantsColor({}, {}), false)
    assert.equal(wantsColor({}, { FORCE_COLOR: '1' }), true)
  })
})

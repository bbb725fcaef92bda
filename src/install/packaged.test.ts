import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { programWords, readPackaged } from './packaged.ts'

describe('programWords', () => {
  for (const { words, want } of [
    { words: ['/usr/bin/node', '/usr/lib/m/main.js'], want: '/usr/bin/node /usr/lib/m/main.js' },
    { words: ['/opt/my node/node'], want: '"/opt/my node/node"' },
    { words: ['/opt/100%/$x'], want: '/opt/100%%/$$x' },
    { words: ['/opt/"\\'], want: '"/opt/\\"\\\\"' },
  ]) {
    it(`writes ${JSON.stringify(words)} as a unit has it`, () => {
      assert.equal(programWords(words), want)
    })
  }
})

describe('readPackaged', () => {
  it('has the unit start another program, and nothing else', () => {
    const usual = readPackaged('meshdns.service')
    const other = readPackaged('meshdns.service', '/opt/node /opt/main.js')
    assert.match(usual, /^ExecStart=\/usr\/bin\/meshdns agent /m)
    assert.equal(other, usual.replace('=/usr/bin/meshdns ', '=/opt/node /opt/main.js '))
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasBlock, insertBlock, removeBlock } from './block.ts'

const ours = '192.0.2.1 istiod.istio-system.svc\n'

const texts: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'an empty file', text: '' },
  { name: 'a file that ends in a line feed', text: '127.0.0.1 localhost\n' },
  { name: 'a file that does not', text: '127.0.0.1 localhost' },
  { name: 'empty lines at the end', text: '127.0.0.1 localhost\n\n\n' },
  { name: 'Windows line ends', text: '127.0.0.1 localhost\r\n' },
]

describe('a block of ours', () => {
  for (const { name, text } of texts) {
    it(`leaves ${name} as it was`, () => {
      const { text: blocked, newline } = insertBlock(text, ours)
      assert.ok(blocked.startsWith(text) && blocked.includes(`\n${ours}`))
      assert.equal(insertBlock(blocked, ours).text, blocked)
      assert.equal(removeBlock(blocked, ours, newline), text)
    })
  }

  it('takes the place of an earlier one, wherever that stands', () => {
    const { text } = insertBlock('a\n', ours)
    const moved = insertBlock(`${text}b\n`, 'other\n')
    assert.equal(moved.text, `${insertBlock('a\n', 'other\n').text}b\n`)
    assert.equal(removeBlock(moved.text, 'other\n', false), 'a\nb\n')
  })

  it('keeps a line feed that has something behind it', () => {
    const { text, newline } = insertBlock('a', ours)
    assert.equal(removeBlock(`${text}b\n`, ours, newline), 'a\nb\n')
  })

  it('may hold nothing', () => {
    const { text } = insertBlock('a\n', '')
    assert.equal(removeBlock(text, '', false), 'a\n')
  })

  it('is not taken away when it was edited, or when one end is missing', () => {
    const { text } = insertBlock('a\n', ours)
    assert.equal(removeBlock(text.replace('192.0.2.1', '192.0.2.2'), ours, false), undefined)
    assert.equal(removeBlock(text.replace(/# END.*\n/, ''), ours, false), undefined)
    assert.equal(hasBlock('a\n'), false)
    assert.equal(hasBlock(text), true)
  })
})

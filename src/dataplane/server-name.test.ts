import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { clientHello, fragment } from '../testing/client-hello.ts'
import { readServerName } from './server-name.ts'

const hello = await clientHello('a.wild.test')

function read(octets: Buffer | string): string {
  const peeked = readServerName(Buffer.from(octets as string, 'latin1'))
  return peeked.kind === 'name' ? peeked.name : `(${peeked.kind})`
}

describe('readServerName, TLS (RFC 6066 §3)', () => {
  it('reads the name of a real ClientHello', () => {
    assert.equal(read(hello), 'a.wild.test')
  })

  it('waits for every octet of it', () => {
    for (let length = 0; length < hello.length; length += 1) {
      assert.equal(read(hello.subarray(0, length)), '(more)', `${length} octets`)
    }
  })

  it('puts a ClientHello together that is spread over records', () => {
    assert.equal(read(fragment(hello, 100)), 'a.wild.test')
  })

  it('does not put crumbs together', () => {
    assert.equal(read(fragment(hello, 1)), '(none)')
  })

  it('does not mind what follows', () => {
    assert.equal(read(Buffer.concat([hello, Buffer.from([23, 3, 3, 0, 1, 0])])), 'a.wild.test')
  })

  it('finds no name in a ClientHello without one', async () => {
    assert.equal(read(await clientHello('')), '(none)')
  })

  it('finds no name in other messages, and in hellos that are too long', () => {
    const changed = (at: number, value: number) => {
      const copy = Buffer.from(hello)
      copy[at] = value
      return copy
    }
    assert.equal(read(changed(5, 2)), '(none)', 'a ServerHello')
    assert.equal(read(changed(1, 2)), '(none)', 'SSL 2')
    assert.equal(read(changed(6, 1)), '(none)', 'more than 65,536 octets')
  })

  it('takes any octets without throwing, and gives none but proper names', () => {
    const position = fc.nat({ max: hello.length - 1 })
    const changes = fc.array(fc.tuple(position, fc.nat({ max: 255 })), { maxLength: 8 })
    fc.assert(
      fc.property(changes, position, (changes, cut) => {
        const mutated = Buffer.from(hello)
        for (const [at, value] of changes) mutated[at] = value
        for (const octets of [mutated, mutated.subarray(0, cut)]) {
          assert.match(read(octets), /^(\((more|none)\)|[a-z0-9.-]+)$/)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

interface Case {
  readonly name: string
  readonly text: string
  readonly want: string
}

const cases: readonly Case[] = [
  { name: 'the Host header', text: 'GET / HTTP/1.1\r\nHost: a.test\r\n', want: 'a.test' },
  {
    name: 'the Host header behind others, in any case, with a port',
    text: 'POST /x HTTP/1.1\r\nAccept: */*\r\nHOST:\t A.Test:8080 \r\n\r\nbody',
    want: 'a.test',
  },
  { name: 'bare line feeds', text: 'GET / HTTP/1.0\nhost: a.test\n\n', want: 'a.test' },
  {
    name: 'the absolute form before the header',
    text: 'GET http://user@b.test:80/x HTTP/1.1\r\nHost: a.test\r\n\r\n',
    want: 'b.test',
  },
  { name: 'a request line that is not whole', text: 'GET /a/long/pa', want: '(more)' },
  { name: 'a method that is not whole', text: 'OPTI', want: '(more)' },
  { name: 'a header that is not whole', text: 'GET / HTTP/1.1\r\nHost: a.te', want: '(more)' },
  { name: 'nothing yet', text: '', want: '(more)' },
  { name: 'no Host header', text: 'GET / HTTP/1.0\r\n\r\nHost: a.test\r\n', want: '(none)' },
  { name: 'an address', text: 'GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n', want: '(none)' },
  { name: 'an IPv6 address', text: 'GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n', want: '(none)' },
  { name: 'a wildcard', text: 'GET / HTTP/1.1\r\nHost: *.wild.test\r\n\r\n', want: '(none)' },
  { name: 'an empty Host header', text: 'GET / HTTP/1.1\r\nHost:\r\n\r\n', want: '(none)' },
  { name: 'HTTP/2 without TLS', text: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', want: '(none)' },
  { name: 'another text protocol', text: 'EHLO client.test\r\n', want: '(none)' },
  { name: 'a binary protocol', text: '\0\0\0\b\x04\xd2\x16\x2f', want: '(none)' },
]

describe('readServerName, HTTP (RFC 9112 §3.2)', () => {
  for (const { name, text, want } of cases) {
    it(`reads ${name}`, () => assert.equal(read(text), want))
  }

  it('takes any octets without throwing, and keeps what it said when more come', () => {
    const beginning = fc.constantFrom(
      '',
      'GET / HTTP/1.1\r\n',
      'GET ',
      'Host: a.test\r\n',
      '\x16\x03',
    )
    const parts = fc.array(fc.oneof(beginning, fc.string({ maxLength: 20 })), { maxLength: 6 })
    fc.assert(
      fc.property(parts, (parts) => {
        let text = ''
        let said = '(more)'
        for (const part of parts) {
          text += part
          const now = read(text)
          if (said !== '(more)') assert.equal(now, said, JSON.stringify(text))
          said = now
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

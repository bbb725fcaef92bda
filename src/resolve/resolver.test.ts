import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeMessage, describeRecord } from '../testing/describe-message.ts'
import { queryOctets, ResolverRig } from '../testing/resolver-rig.ts'
import { decodeMessage, encodeMessage, type Message } from '../wire/message.ts'

describe('what is not a question for an upstream', () => {
  const plain = decodeMessage(queryOctets('x.up.test. A', { id: 77 }))
  const question = plain.questions[0]
  assert.ok(question)

  const rows: readonly {
    readonly name: string
    readonly octets: Uint8Array
    readonly want: string
  }[] = [
    { name: 'shorter than a header', octets: new Uint8Array(11), want: 'dropped' },
    { name: 'an answer', octets: encodeMessage({ ...plain, response: true }), want: 'dropped' },
    { name: 'no question', octets: encodeMessage({ ...plain, questions: [] }), want: 'FORMERR' },
    {
      name: 'two questions',
      octets: encodeMessage({ ...plain, questions: [question, question] }),
      want: 'FORMERR',
    },
    {
      name: 'a body that ends early',
      octets: queryOctets('x.up.test. A').slice(0, 20),
      want: 'FORMERR',
    },
    {
      name: 'something behind the message',
      octets: Buffer.concat([queryOctets('x.up.test. A'), Buffer.from([1])]),
      want: 'FORMERR',
    },
    {
      name: 'an opcode that we do not have',
      octets: encodeMessage({ ...plain, opcode: 5 as Message['opcode'] }),
      want: 'NOTIMP',
    },
    {
      name: 'EDNS of a later version',
      octets: queryOctets('x.up.test. A', { edns: { version: 1 } }),
      want: 'BADVERS',
    },
    { name: 'a zone transfer', octets: queryOctets('x.up.test. AXFR'), want: 'REFUSED' },
    {
      name: 'a pointer to itself',
      octets: Uint8Array.from([0, 77, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]),
      want: 'FORMERR',
    },
  ]

  for (const row of rows) {
    it(`${row.name}: ${row.want}`, () => {
      const rig = new ResolverRig()
      const replies: Message[] = []
      rig.send(row.octets, {}, (octets) => replies.push(decodeMessage(octets)))
      const want = row.want === 'dropped' ? [] : [[row.want]]
      assert.deepEqual(replies.map(describeMessage), want)
      assert.equal(rig.asked.length, 0)
      for (const reply of replies) {
        assert.equal(reply.id, (row.octets[0] ?? 0) * 256 + (row.octets[1] ?? 0))
        assert.ok(reply.response)
        assert.deepEqual(reply.answers.map(describeRecord), [])
      }
    })
  }
})

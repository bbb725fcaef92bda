import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseIp } from '../ip/address.ts'
import { describeMessage } from '../testing/describe-message.ts'
import { nameRecord } from '../testing/name-records.ts'
import { queryOctets, ResolverRig } from '../testing/resolver-rig.ts'
import { decodeMessage, type Message } from '../wire/message.ts'
import { parseName } from '../wire/name.ts'
import type { ResourceRecord } from '../wire/record.ts'
import { recordClass } from '../wire/record-class.ts'
import { recordType } from '../wire/record-type.ts'
import type { Client } from './driver.ts'

const name = 'both.up.test.'
const hosts = [nameRecord('both.up.test', ['240.240.0.1'])]
const real: ResourceRecord = {
  name: parseName(name),
  type: recordType.A,
  class: recordClass.IN,
  ttl: 60,
  data: { kind: 'A', address: parseIp('203.0.113.9') },
}
const virtual = ['NOERROR', `${name} A 240.240.0.1`]
const elsewhere = { address: parseIp('198.51.100.53'), port: 53 }

/** Asks as the agent itself does. */
function lookup(rig: ResolverRig): Message[] {
  const replies: Message[] = []
  const client: Client = {
    transport: 'udp',
    describe: () => 'agent',
    originalServer: () => undefined,
    reply: (octets) => replies.push(decodeMessage(octets)),
  }
  rig.resolver.lookup(queryOctets(`${name} A`), client, rig.clock.now())
  return replies
}

describe('a question of the agent itself', () => {
  it('is not answered by the mesh when a stub resolver asks it through us', () => {
    const rig = new ResolverRig({ hosts })
    // The answer is ready-made from here on.
    assert.deepEqual(describeMessage(rig.answer(`${name} A`)), virtual)
    const replies = lookup(rig)
    const [stub] = rig.open
    assert.ok(stub)
    rig.send(stub.octets, { original: elsewhere }, (reply) => rig.received(stub, reply))
    const onward = rig.open.find(({ server }) => server.address === elsewhere.address)
    assert.ok(onward)
    rig.upstream({ answers: [real] }, onward)
    assert.deepEqual(replies.map(describeMessage), [['NOERROR', `${name} A 203.0.113.9`]])
  })

  it('changes nothing for those who ask one of our own servers meanwhile, or any one later', () => {
    const rig = new ResolverRig({ hosts })
    lookup(rig)
    const ours = { address: parseIp('192.0.2.53'), port: 53 }
    assert.deepEqual(describeMessage(rig.answer(`${name} A`)), virtual)
    assert.deepEqual(describeMessage(rig.answer(`${name} A`, { original: ours })), virtual)
    rig.upstream({ answers: [real] })
    assert.deepEqual(describeMessage(rig.answer(`${name} A`, { original: elsewhere })), virtual)
  })
})

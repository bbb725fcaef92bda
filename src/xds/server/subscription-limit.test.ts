import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { status } from '@grpc/grpc-js'
import { EnvoyStream, type EnvoyVariant, envoyNode } from '../../testing/envoy-discovery-client.ts'
import { until } from '../../testing/until.ts'
import { startXdsServerRig } from '../../testing/xds-server-rig.ts'
import { typeUrls } from '../type-url.ts'

interface Case {
  readonly name: string
  readonly variant?: EnvoyVariant
  readonly wants: readonly object[]
  readonly details: RegExp
}

const names = Array.from({ length: 11 }, (_, at) => `ns1/${at}.test`)
const long = ['x'.repeat(1_025)]

const cases: readonly Case[] = [
  {
    name: 'more names than it may have',
    wants: [{ resource_names_subscribe: names }],
    details: /11 names, more than 10/,
  },
  {
    name: 'more names than it may have, a few at a time',
    wants: [
      { resource_names_subscribe: names.slice(0, 6) },
      { resource_names_subscribe: names.slice(6) },
    ],
    details: /11 names/,
  },
  {
    name: 'more names than it may have, by holding them already',
    wants: [
      {
        resource_names_subscribe: ['ns1/a.test'],
        initial_resource_versions: Object.fromEntries(names.map((name) => [name, '1'])),
      },
    ],
    details: /12 names/,
  },
  {
    name: 'everything, and goes on to say that it does not want what it never asked for',
    wants: [{}, { resource_names_unsubscribe: names }],
    details: /11 names/,
  },
  {
    name: 'everything, and not everything, over and over',
    wants: Array.from({ length: 18 }, (_, at) =>
      at % 2 === 0 ? { resource_names_subscribe: ['*'] } : { resource_names_unsubscribe: ['*'] },
    ),
    details: /more than 16 times/,
  },
  {
    name: 'a name that is too long',
    wants: [{ resource_names_subscribe: long }],
    details: /a name has 1025 characters, more than 1024/,
  },
  {
    name: 'nothing of a name that is too long',
    wants: [{}, { resource_names_unsubscribe: long }],
    details: /1025 characters/,
  },
  {
    name: 'everything, and says that it holds a name that is too long',
    wants: [{ initial_resource_versions: { [long[0] ?? '']: '1' } }],
    details: /1025 characters/,
  },
  {
    name: 'more names than it may have, all at once',
    variant: 'StreamAggregatedResources',
    wants: [{ resource_names: names }],
    details: /11 names/,
  },
  {
    name: 'a name that is too long, beside others',
    variant: 'StreamAggregatedResources',
    wants: [{ resource_names: ['ns1/a.test', ...long] }],
    details: /1025 characters/,
  },
]

describe('a stream is refused', () => {
  for (const { name, variant = 'DeltaAggregatedResources', wants, details } of cases) {
    it(`when it wants ${name}`, async (test) => {
      const limits = { maxNamesPerStream: 10 }
      const rig = await startXdsServerRig(test, { options: { limits } })
      const stream = new EnvoyStream(rig.plaintext, variant)
      test.after(() => stream.close())
      const node = envoyNode('ztunnel')
      for (const wanted of wants) stream.send({ node, type_url: typeUrls.address, ...wanted })
      const error = await stream.ending()
      assert.equal(error?.code, status.RESOURCE_EXHAUSTED)
      assert.match(error?.details ?? '', details)
      await until(() => rig.lines.some(({ reason }) => reason === 'too_many_names'))
    })
  }
})

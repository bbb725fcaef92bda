import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { familyOf, parseIp } from '../../ip/address.ts'
import { parsePrefix } from '../../ip/prefix.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { createControllerResolve } from './resolve-controller.ts'

interface Case {
  readonly name: string
  readonly host?: string
  readonly hosts?: string
  /** What the upstreams know. */
  readonly upstream?: Readonly<Record<string, readonly string[]>>
  readonly ndots?: number
  readonly want: readonly string[]
  /** Names that are asked for, in order; each in both families. */
  readonly asked: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'the hosts file is enough',
    hosts: '192.0.2.1 istiod.istio-system.svc\n2001:db8::1 ISTIOD.istio-system.svc\n',
    upstream: { 'istiod.istio-system.svc': ['192.0.2.9'] },
    want: ['192.0.2.1', '2001:db8::1'],
    asked: [],
  },
  {
    name: 'else the upstreams are asked for both families',
    hosts: '192.0.2.1 other\n',
    upstream: { 'istiod.istio-system.svc': ['192.0.2.9', '2001:db8::9'] },
    want: ['192.0.2.9', '2001:db8::9'],
    asked: ['istiod.istio-system.svc'],
  },
  {
    name: 'a name with few dots is searched for first, as in a pod',
    ndots: 5,
    upstream: { 'istiod.istio-system.svc.cluster.local': ['10.96.0.9'] },
    want: ['10.96.0.9'],
    asked: ['istiod.istio-system.svc.test', 'istiod.istio-system.svc.cluster.local'],
  },
  {
    name: 'a name with a last dot is not searched for',
    host: 'controller.test.',
    ndots: 5,
    upstream: { 'controller.test': ['192.0.2.9'] },
    want: ['192.0.2.9'],
    asked: ['controller.test'],
  },
  {
    name: 'virtual addresses do not count',
    upstream: { 'istiod.istio-system.svc': ['240.240.0.1', '192.0.2.9'] },
    want: ['192.0.2.9'],
    asked: ['istiod.istio-system.svc'],
  },
  {
    name: 'nobody knows it',
    want: [],
    asked: [
      'istiod.istio-system.svc',
      'istiod.istio-system.svc.test',
      'istiod.istio-system.svc.cluster.local',
    ],
  },
]

describe('createControllerResolve', () => {
  for (const one of cases) {
    it(one.name, async (test) => {
      const { resolve, asked } = await start(test, one)
      const found = await resolve(one.host ?? 'istiod.istio-system.svc')
      assert.deepEqual(found, one.want)
      assert.deepEqual([...asked], one.asked)
    })
  }

  it('says why when the upstreams fail', async (test) => {
    const { resolve } = await start(test, {}, new Error('no answer'))
    await assert.rejects(resolve('controller.test'), /no answer/)
  })
})

async function start(
  test: TestContext,
  { hosts, upstream = {}, ndots = 1 }: Pick<Case, 'hosts' | 'upstream' | 'ndots'>,
  failure?: Error,
) {
  const hostsFile = join(await temporaryFolder(test), 'hosts')
  if (hosts !== undefined) await writeFile(hostsFile, hosts)
  const asked = new Set<string>()
  const resolve = createControllerResolve({
    hostsFile,
    resolvConf: () => ({ search: ['test', 'cluster.local'], ndots }),
    virtualPrefixes: [parsePrefix('240.240.0.0/16')],
    async lookup(name, family) {
      asked.add(name)
      if (failure) throw failure
      const addresses = (upstream[name] ?? []).map(parseIp)
      return { addresses: addresses.filter((address) => familyOf(address) === family) }
    },
  })
  return { resolve, asked }
}

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Command, Option } from 'commander'
import type { CapturePlan } from '../capture/plan.ts'
import { type IpFamily, parseIp } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { captureOptions } from './capture-words.ts'
import { OptionValues } from './option-values.ts'
import { readCapturePlan } from './read-capture-plan.ts'

interface Given {
  readonly words?: string
  readonly env?: Readonly<Record<string, string>>
  readonly families?: readonly IpFamily[]
}

function read({ words = '', env = {}, families = [4, 6] }: Given): CapturePlan {
  const command = new Command().exitOverride()
  for (const { flags, summary, fallback } of captureOptions) {
    command.addOption(new Option(flags, summary).default(fallback))
  }
  command.parse(
    words.split(' ').filter((word) => word !== ''),
    { from: 'user' },
  )
  const options = new OptionValues(command.opts(), (key) => command.getOptionValueSource(key))
  const nameservers = () => ['10.0.0.53', 'fd00::53'].map(parseIp)
  return readCapturePlan(options, { env, families, nameservers })
}

interface Case extends Given {
  readonly name: string
  readonly want: Partial<CapturePlan>
}

const both = { nameservers: ['10.0.0.53', 'fd00::53'].map(parseIp) }

const cases: readonly Case[] = [
  {
    name: 'nothing is said',
    want: {
      dns: 'none',
      tcp: 'outgoing',
      agentPort: 15_053,
      relayPort: 15_001,
      virtualPrefixes: ['240.240.0.0/16', '2001:2::/48'].map(parsePrefix),
      exempt: { uids: [1337], gids: [1337] },
      excluded: { ports: [], prefixes: [], interfaces: [] },
      ipv6: true,
    },
  },
  { name: 'a switch', words: '--redirect-dns', want: { dns: both } },
  {
    name: 'the variable of proxyMetadata',
    env: { ISTIO_META_DNS_CAPTURE: 'true' },
    want: { dns: both },
  },
  {
    name: 'a switch over the variable',
    words: '--redirect-dns=false',
    env: { ISTIO_META_DNS_CAPTURE: 'true' },
    want: { dns: 'none' },
  },
  {
    name: 'all servers',
    words: '--redirect-dns --capture-all-dns',
    want: { dns: 'all' },
  },
  {
    name: 'a pod of IPv4',
    words: '--redirect-dns',
    families: [4],
    want: { dns: { nameservers: [parseIp('10.0.0.53')] }, ipv6: false },
  },
  {
    name: 'a pod of IPv6',
    words: '--redirect-dns',
    families: [6],
    want: { dns: both, ipv6: true },
  },
  {
    name: 'the words of an init container of Istio',
    words:
      '-p 15001 -z 15006 -u 1337,0 -m REDIRECT -i 10.0.0.0/8,fd00::/8 -x 10.9.0.0/16 -b * -d 15090,15021 -q 8443 -o 22,3306 -c eth1 -k tap0',
    want: {
      tcp: { ranges: ['10.0.0.0/8', 'fd00::/8'].map(parsePrefix), ports: [8443] },
      exempt: { uids: [1337, 0], gids: [1337, 0] },
      excluded: {
        ports: [22, 3306],
        prefixes: [parsePrefix('10.9.0.0/16')],
        interfaces: ['eth1'],
      },
    },
  },
  {
    name: 'groups of their own',
    words: '-u 1 -g 2',
    want: { exempt: { uids: [1], gids: [2] } },
  },
]

describe('readCapturePlan', () => {
  for (const { name, want, ...given } of cases) {
    it(name, () => {
      const plan = read(given)
      for (const [key, value] of Object.entries(want)) {
        assert.deepEqual(plan[key as keyof CapturePlan], value, key)
      }
    })
  }

  it('catches nothing but virtual addresses where no range is named', () => {
    const options = new OptionValues({ istioServiceCidr: '', envoyPort: '1', agentPort: '2' })
    const nameservers = () => []
    const plan = readCapturePlan(options, { env: {}, families: [4], nameservers })
    assert.deepEqual(plan.tcp, { ranges: [], ports: [] })
  })
})

describe('readCapturePlan refuses', () => {
  for (const [words, message] of [
    ['-p 0', /--envoy-port: "0" must be a port/],
    ['-p 1,2', /--envoy-port: one port is wanted/],
    ['-u root', /--proxy-uid: "root" must be the number of a user/],
    ['-i 10.0.0.0', /--istio-service-cidr: "10\.0\.0\.0" must be a range/],
    ['-x *', /--istio-service-exclude-cidr: "\*" must be a range/],
    ['-o http', /--istio-local-outbound-ports-exclude: "http" must be a port/],
    ['-c a"b', /--istio-exclude-interfaces: .* must be the name of a network interface/],
    ['--redirect-dns=maybe', /--redirect-dns: "maybe" must be true or false/],
  ] as const) {
    it(words, () => {
      assert.throws(() => read({ words }), { code: 'CLI_USAGE', message })
    })
  }
})

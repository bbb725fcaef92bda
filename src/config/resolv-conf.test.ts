import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { formatSocketAddress } from '../ip/socket-address.ts'
import { parseResolvConf, type ResolvConf } from './resolv-conf.ts'

interface ServersCase {
  readonly name: string
  readonly text: string
  readonly want: readonly string[]
}

const serversCases: readonly ServersCase[] = [
  { name: 'no line at all means the server on this machine', text: '', want: ['127.0.0.1:53'] },
  {
    name: 'more than three servers are all kept, in order',
    text: [1, 2, 3, 4, 5].map((last) => `nameserver 192.0.2.${last}\n`).join(''),
    want: [1, 2, 3, 4, 5].map((last) => `192.0.2.${last}:53`),
  },
  {
    name: 'a server that is named twice counts once',
    text: 'nameserver 192.0.2.1\nnameserver 2001:db8::1\nnameserver 192.0.2.1\n',
    want: ['192.0.2.1:53', '[2001:db8::1]:53'],
  },
  {
    name: 'IPv6 is brought into its one spelling',
    text: 'nameserver 2001:DB8:0:0::0001',
    want: ['[2001:db8::1]:53'],
  },
  {
    name: 'a zone is kept, and tells servers apart',
    text: 'nameserver fe80::1%eth0\nnameserver fe80::1%eth1',
    want: ['[fe80::1%eth0]:53', '[fe80::1%eth1]:53'],
  },
  {
    name: 'a comment may follow, with or without a space',
    text: 'nameserver 192.0.2.1 # first\nnameserver 192.0.2.2;second',
    want: ['192.0.2.1:53', '192.0.2.2:53'],
  },
  {
    name: 'comment lines of both kinds are skipped',
    text: '# nameserver 192.0.2.1\n; nameserver 192.0.2.2\nnameserver 192.0.2.3',
    want: ['192.0.2.3:53'],
  },
  {
    name: 'tabs, indentation, carriage returns and a byte order mark do no harm',
    text: '\uFEFFnameserver\t192.0.2.1\r\n  nameserver   192.0.2.2  \r\n',
    want: ['192.0.2.1:53', '192.0.2.2:53'],
  },
  {
    name: 'a server that is no address is left out',
    text: 'nameserver dns.example\nnameserver 192.0.2.300\nnameserver\nnameserver 192.0.2.1',
    want: ['192.0.2.1:53'],
  },
]

interface SearchCase {
  readonly name: string
  readonly text: string
  readonly want: readonly string[]
}

const searchCases: readonly SearchCase[] = [
  { name: 'none', text: 'nameserver 192.0.2.1', want: [] },
  {
    name: 'search keeps its order, in lower case and without last dots',
    text: 'search Ns1.svc.cluster.local. svc.CLUSTER.local cluster.local',
    want: ['ns1.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
  },
  { name: 'domain is a list of one', text: 'domain example.com other', want: ['example.com'] },
  {
    name: 'search after domain wins',
    text: 'domain a.test\nsearch b.test c.test',
    want: ['b.test', 'c.test'],
  },
  {
    name: 'domain after search wins',
    text: 'search b.test c.test\ndomain a.test',
    want: ['a.test'],
  },
  {
    name: 'the last of two search lines wins',
    text: 'search a.test\nsearch b.test',
    want: ['b.test'],
  },
  {
    name: 'a search line without domains changes nothing',
    text: 'search a.test\nsearch',
    want: ['a.test'],
  },
  { name: 'the root alone empties the list', text: 'search a.test\nsearch .', want: [] },
  {
    name: 'a domain that is there twice counts once',
    text: 'search a.test A.test.',
    want: ['a.test'],
  },
  {
    name: 'more than six domains are kept',
    text: 'search a b c d e f g',
    want: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
  },
  {
    name: 'empty and overlong labels are left out',
    text: `search a..b ${'x'.repeat(64)} c_d`,
    want: ['c_d'],
  },
  { name: 'a comment ends the list', text: 'search a.test # b.test', want: ['a.test'] },
]

interface OptionsCase {
  readonly name: string
  readonly text: string
  readonly want: Partial<ResolvConf>
}

const optionsCases: readonly OptionsCase[] = [
  {
    name: 'what nobody said has its default',
    text: '',
    want: { ndots: 1, attempts: 2, rotate: false, useVc: false, edns0: false, trustAd: false },
  },
  {
    name: 'all that we know, on one line',
    text: 'options ndots:5 timeout:3 attempts:4 rotate use-vc edns0 trust-ad no-aaaa',
    want: {
      ndots: 5,
      timeoutSeconds: 3,
      attempts: 4,
      rotate: true,
      useVc: true,
      edns0: true,
      trustAd: true,
      noAaaa: true,
    },
  },
  {
    name: 'several lines add up, and the last figure wins',
    text: 'options ndots:5 rotate\noptions ndots:2 edns0',
    want: { ndots: 2, rotate: true, edns0: true },
  },
  {
    name: 'large figures are lowered to the limits of libc',
    text: 'options ndots:99 timeout:3600 attempts:100',
    want: { ndots: 15, timeoutSeconds: 30, attempts: 5 },
  },
  {
    name: 'no time and no attempt would mean no answer, so there is at least one',
    text: 'options ndots:0 timeout:0 attempts:0',
    want: { ndots: 0, timeoutSeconds: 1, attempts: 1 },
  },
  {
    name: 'figures that are none are ignored',
    text: 'options ndots:many timeout: attempts:-1 attempts',
    want: { ndots: 1, attempts: 2 },
  },
  {
    name: 'unknown options are ignored',
    text: 'options single-request-reopen inet6 rotate2 no-reload',
    want: { rotate: false },
  },
]

describe('parseResolvConf (resolv.conf(5))', () => {
  for (const { name, text, want } of serversCases) {
    it(`servers: ${name}`, () => {
      assert.deepEqual(parseResolvConf(text).nameservers.map(formatSocketAddress), want)
    })
  }

  for (const { name, text, want } of searchCases) {
    it(`search list: ${name}`, () => {
      assert.deepEqual(parseResolvConf(text).search, want)
    })
  }

  for (const { name, text, want } of optionsCases) {
    it(`options: ${name}`, () => {
      const conf = parseResolvConf(text)
      assert.deepEqual({ ...conf, ...want }, conf)
    })
  }

  it('leaves the time-out open when the file does not say', () => {
    assert.equal('timeoutSeconds' in parseResolvConf('options ndots:5'), false)
  })

  it('says which lines it could not use', () => {
    const text =
      'nameserver 192.0.2.1\nnameserver here\nlookup file bind\n\nsortlist 192.0.2.0\nhello'
    assert.deepEqual(parseResolvConf(text).ignored, [
      { line: 2, text: 'nameserver here' },
      { line: 3, text: 'lookup file bind' },
      { line: 6, text: 'hello' },
    ])
  })

  it('takes any text without failing, and always has a server', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        assert.ok(
          parseResolvConf(`nameserver ${text}\noptions ${text}\n${text}`).nameservers.length > 0,
        )
      }),
    )
  })
})

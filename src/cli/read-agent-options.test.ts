import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AgentOptions } from '../agent/options.ts'
import { agentWords } from './agent-words.ts'
import { OptionValues } from './option-values.ts'
import { ConfigInvalidError, readAgentOptions } from './read-agent-options.ts'

const words = agentWords(AgentOptions)

interface Sources {
  readonly flags?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
  readonly text?: string
}

function read({ flags = {}, env = {}, text }: Sources): AgentOptions {
  return readAgentOptions(AgentOptions, {
    words,
    options: new OptionValues(flags),
    env,
    ...(text === undefined ? {} : { config: { file: 'agent.yaml', text } }),
  })
}

describe('the words of options', () => {
  it('come from their keys: flag and variable', () => {
    const names = words.map(({ path, flag, spec }) => [path.join('.'), flag, spec.env])
    assert.deepEqual(
      names.find(([path]) => path === 'virtualAddresses.v4Prefix'),
      [
        'virtualAddresses.v4Prefix',
        'virtual-addresses-v4-prefix',
        'MESHDNS_VIRTUAL_ADDRESSES_V4_PREFIX',
      ],
    )
  })

  it('are all different', () => {
    assert.equal(new Set(words.map(({ flag }) => flag)).size, words.length)
  })
})

interface Case {
  readonly name: string
  readonly sources: Sources
  readonly want: (options: AgentOptions) => unknown
  readonly be: unknown
}

const cases: readonly Case[] = [
  {
    name: 'labels come as JSON, as Istio has them',
    sources: { env: { ISTIO_METAJSON_LABELS: '{"app":"shop","a/b":"c=d","no":1}' } },
    want: ({ labels }) => labels,
    be: ['app=shop', 'a/b=c=d'],
  },
  {
    name: 'labels that are no JSON are none',
    sources: { env: { ISTIO_METAJSON_LABELS: '{' } },
    want: ({ labels }) => labels,
    be: [],
  },
  {
    name: 'a flag comes before everything else',
    sources: {
      flags: { namespace: 'flag' },
      env: { POD_NAMESPACE: 'env' },
      text: 'namespace: file',
    },
    want: ({ namespace }) => namespace,
    be: 'flag',
  },
  {
    name: "a variable of Istio's comes before the file",
    sources: { env: { POD_NAMESPACE: 'env' }, text: 'namespace: file' },
    want: ({ namespace }) => namespace,
    be: 'env',
  },
  {
    name: 'the file comes before the default',
    sources: { text: 'resolver: { ttlSeconds: 5 }' },
    want: ({ resolver }) => resolver.ttlSeconds,
    be: 5,
  },
  {
    name: 'an empty file leaves the defaults',
    sources: { text: '# nothing\n' },
    want: ({ listen }) => listen,
    be: 'localhost:15053',
  },
  {
    name: 'lists may be given several times, or with commas',
    sources: { flags: { sources: ['a,b', 'c'] } },
    want: ({ sources }) => sources,
    be: ['a', 'b', 'c'],
  },
  {
    name: 'numbers are numbers',
    sources: { flags: { resolverTtlSeconds: '7' } },
    want: ({ resolver }) => resolver.ttlSeconds,
    be: 7,
  },
  {
    name: 'a switch alone means yes, and may be told no',
    sources: { flags: { captureEnabled: true, virtualAddressesAllocate: 'false' } },
    want: ({ captureEnabled, virtualAddresses }) => [captureEnabled, virtualAddresses.allocate],
    be: [true, false],
  },
  {
    name: 'Istio turns capture on with a word of Go',
    sources: { env: { ISTIO_META_DNS_CAPTURE: 'True', DNS_PROXY_ADDR: '127.0.0.1:5353' } },
    want: ({ captureEnabled, listen }) => [captureEnabled, listen],
    be: [true, '127.0.0.1:5353'],
  },
  {
    name: 'Istio gives durations with units',
    sources: { env: { DNS_FORWARD_TIMEOUT: '2.5s' } },
    want: ({ resolver }) => resolver.forwardTimeoutMs,
    be: 2_500,
  },
]

describe('readAgentOptions', () => {
  for (const { name, sources, want, be } of cases) {
    it(name, () => assert.deepEqual(want(read(sources)), be))
  }
})

interface Refusal {
  readonly name: string
  readonly sources: Sources
  readonly want: { readonly message: RegExp; readonly hint?: RegExp }
}

const refusals: readonly Refusal[] = [
  {
    name: 'a key that does not exist, with the one that was meant',
    sources: { text: 'resolver: { ttlSecond: 5 }' },
    want: { message: /resolver\.ttlSecond: no such option/, hint: /resolver\.ttlSeconds\?/ },
  },
  {
    name: 'a value out of range',
    sources: { flags: { resolverTtlSeconds: '-1' } },
    want: { message: /resolver\.ttlSeconds: / },
  },
  {
    name: 'a duration that is none',
    sources: { env: { DNS_FORWARD_TIMEOUT: 'soon' } },
    want: { message: /resolver\.forwardTimeoutMs: / },
  },
  {
    name: 'a place to listen that is none',
    sources: { env: { DNS_PROXY_ADDR: 'localhost' } },
    want: { message: /listen: must be ADDRESS:PORT/ },
  },
  {
    name: 'a page’s address that is none',
    sources: { flags: { adminAddress: ':15020' } },
    want: { message: /admin\.address: must be ADDRESS:PORT/ },
  },
  {
    name: 'a range that is none',
    sources: { flags: { captureExcludedRanges: ['10.0.0.0/8', '10.0.0.0/33'] } },
    want: { message: /capture\.excludedRanges\.1: must be ADDRESS\/LENGTH/ },
  },
  { name: 'a file that is not YAML', sources: { text: 'a: [' }, want: { message: /is not YAML/ } },
  { name: 'a file that is a list', sources: { text: '- a' }, want: { message: /hold options/ } },
]

describe('readAgentOptions refuses', () => {
  for (const { name, sources, want } of refusals) {
    it(name, () => {
      assert.throws(
        () => read(sources),
        (error) => {
          assert.ok(error instanceof ConfigInvalidError)
          assert.match(error.message, want.message)
          if (want.hint) assert.match(error.hint ?? '', want.hint)
          return true
        },
      )
    })
  }
})

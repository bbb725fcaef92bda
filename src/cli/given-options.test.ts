import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { AgentOptions } from '../agent/options.ts'
import { meshdns } from '../testing/command-line.ts'
import { agentWords } from './agent-words.ts'
import { istioVariables } from './istio-variables.ts'
import { OptionValues } from './option-values.ts'
import { agentOptionsGiven, readAgentOptions } from './read-agent-options.ts'
import { readMachineSettings } from './read-machine-settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshdns-mesh-'))
after(() => rmSync(folder, { recursive: true }))
const mesh = join(folder, 'mesh')
writeFileSync(
  mesh,
  `defaultConfig:
  proxyMetadata:
    ISTIO_META_DNS_CAPTURE: "true"
    MESHDNS_RESOLVER_TTL_SECONDS: "9"
    DNS_PROXY_ADDR: 127.0.0.1:5353
`,
)

const words = agentWords(AgentOptions)

describe('Istio’s variables', () => {
  it('mean options that exist', () => {
    const paths = words.map(({ path }) => path.join('.'))
    const unknown = istioVariables.filter(({ path }) => !paths.includes(path.join('.')))
    assert.deepEqual(unknown, [])
  })
})

interface Case {
  readonly name: string
  readonly path: string
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: Readonly<Record<string, unknown>>
  readonly config?: string
  /** Sources, the one that wins first. */
  readonly want: readonly string[]
  readonly be: unknown
}

const cases: readonly Case[] = [
  { name: 'nothing', path: 'namespace', want: [], be: 'default' },
  {
    name: 'the mesh over the file',
    path: 'captureEnabled',
    config: 'captureEnabled: false',
    want: [`ISTIO_META_DNS_CAPTURE of ${mesh}:3:29 (mesh)`, 'agent.yaml'],
    be: true,
  },
  {
    name: 'a variable of the process over the mesh',
    path: 'captureEnabled',
    env: { ISTIO_META_DNS_CAPTURE: 'false' },
    want: ['ISTIO_META_DNS_CAPTURE'],
    be: false,
  },
  {
    name: 'a variable of our own in the mesh',
    path: 'resolver.ttlSeconds',
    want: [`MESHDNS_RESOLVER_TTL_SECONDS of ${mesh}:4:35 (mesh)`],
    be: 9,
  },
  {
    name: 'a flag over the mesh',
    path: 'listen',
    flags: { listen: '127.0.0.1:53' },
    want: ['--listen', `DNS_PROXY_ADDR of ${mesh}:5:21 (mesh)`],
    be: '127.0.0.1:53',
  },
]

describe('an option knows where it came from', () => {
  for (const { name, path, env = {}, flags = {}, config, want, be } of cases) {
    it(name, () => {
      const settings = readMachineSettings(env, mesh)
      const sources = {
        words,
        options: new OptionValues(flags),
        env: settings.env,
        origins: settings.origins,
        ...(config === undefined ? {} : { config: { file: 'agent.yaml', text: config } }),
      }
      const given = agentOptionsGiven(sources).filter((one) => one.path.join('.') === path)
      assert.deepEqual(given.map((one) => one.from()).toReversed(), want)
      const options: unknown = readAgentOptions(AgentOptions, sources)
      assert.equal(
        path.split('.').reduce((at, key) => (at as Record<string, unknown>)[key], options),
        be,
      )
    })
  }
})

describe('meshdns agent --show-options', () => {
  it('prints every option with its source, and ends', () => {
    const { stdout, status } = meshdns('agent', '--show-options', '--mesh-config', mesh)
    const lines = stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' '))
    assert.ok(lines.includes(`captureEnabled true ISTIO_META_DNS_CAPTURE of ${mesh}:3:29 (mesh) -`))
    assert.ok(lines.includes('namespace "default" default -'))
    assert.equal(status, 0)
  })

  it('refuses a mesh that is not there', () => {
    const { stderr } = meshdns('agent', '--show-options', '--mesh-config', join(folder, 'none'))
    assert.match(
      stderr,
      /error\[CONFIG_INVALID\]: .*none cannot be read\n[^]*hint: .*--mesh-config/,
    )
  })
})

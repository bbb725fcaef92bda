import type { TestContext } from 'node:test'
import { type Clock, systemClock } from '../base/clock.ts'
import { Health } from '../base/health.ts'
import type { LogFields } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import type { Authenticator, ServerTlsKeeper } from '../rpc/authenticator.ts'
import type { Proxy } from '../xds/proxy.ts'
import { XdsServerOptions } from '../xds/server/options.ts'
import type {
  ProxyConnection,
  ProxyFollowers,
  ProxyScope,
  XdsServerPorts,
} from '../xds/server/ports.ts'
import { startXdsServer, type XdsServer } from '../xds/server/start-xds-server.ts'
import { scopeOfNamespaces } from './address-resources.ts'

/** A server on loopback, and everything that it said to those around it. */
export interface XdsServerRig {
  readonly server: XdsServer
  readonly plaintext: string
  readonly tls: string
  readonly lines: readonly (LogFields & { readonly message: string })[]
  readonly meters: Meters
  readonly health: Health
  /** `connected ID`, `disconnected ID`, `healthy ID`, `unhealthy ID: MESSAGE`. */
  readonly heard: readonly string[]
  /** What it answers with from now on; tell the server that it changed. */
  set(facts: Partial<RigFacts>): void
}

/** What proxies see, all alike. */
export interface RigFacts {
  readonly scope: ProxyScope
  readonly nameTable: { readonly octets: Uint8Array; readonly version: string }
  /** Missing where there is no cluster. */
  readonly cluster?: { readonly octets: Uint8Array; readonly version: string }
  /** What following a proxy comes to. */
  readonly connected: (proxy: Proxy, connection: ProxyConnection) => Promise<void>
}

export interface XdsRigParts {
  readonly options?: Readonly<Record<string, unknown>>
  /** Who says who is there, and what the TLS port shows; without it nobody can come in there. */
  readonly identity?: { readonly authenticator: Authenticator; readonly tls: ServerTlsKeeper }
  readonly services?: XdsServerPorts['services']
  /** The machine's when missing. */
  readonly clock?: Clock
}

/** Starts one; it stops when the test ends. */
export async function startXdsServerRig(
  test: Pick<TestContext, 'after'>,
  { options = {}, identity = nobody, services = [], clock = systemClock }: XdsRigParts = {},
): Promise<XdsServerRig> {
  const lines: (LogFields & { readonly message: string })[] = []
  const write = (fields: LogFields, message: string) => void lines.push({ ...fields, message })
  const heard: string[] = []
  let facts: RigFacts = {
    scope: scopeOfNamespaces('ns1', 'ns2'),
    nameTable: { octets: new Uint8Array(), version: 'empty' },
    connected: async () => {},
  }
  const followers: ProxyFollowers = {
    async connected(proxy, connection) {
      await facts.connected(proxy, connection)
      heard.push(`connected ${proxy.name}`)
    },
    disconnected: (proxy) => void heard.push(`disconnected ${proxy.name}`),
    healthReported: (proxy, { healthy, message }) =>
      void heard.push(healthy ? `healthy ${proxy.name}` : `unhealthy ${proxy.name}: ${message}`),
  }
  const [health, meters] = [new Health(), new Meters()]
  const listening = {
    plaintextAddress: '127.0.0.1:0',
    tlsAddresses: ['127.0.0.1:0'],
    stopTimeoutMs: 300,
  }
  const server = await startXdsServer(XdsServerOptions.parse({ ...listening, ...options }), {
    clock,
    log: { error: write, warn: write, info: write, debug: write },
    health,
    meters,
    ...identity,
    followers,
    scopeOf: () => facts.scope,
    nameTableOf: () => facts.nameTable,
    clusterOf: () => facts.cluster,
    services,
  })
  test.after(() => server.stop())
  const at = (kind: 'plaintext' | 'tls') => `127.0.0.1:${server.addresses()[kind][0]?.port}`
  const set = (changed: Partial<RigFacts>) => {
    facts = { ...facts, ...changed }
  }
  return { server, plaintext: at('plaintext'), tls: at('tls'), lines, meters, health, heard, set }
}

const nobody: Required<XdsRigParts>['identity'] = {
  authenticator: { authenticate: () => Promise.reject(new Error('nobody is known here')) },
  tls: { current: () => ({ chain: '', key: '', roots: '' }), follow() {} },
}

import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Clock } from '../../base/clock.ts'
import type { Health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { Meters } from '../../base/meters.ts'
import type { Authenticator, ServerTlsKeeper } from '../../rpc/authenticator.ts'
import type { SpiffeId } from '../../rpc/spiffe-id.ts'
import type { ResourceChange, ServiceReference } from '../../translate/discovery/resource.ts'
import type { Proxy } from '../proxy.ts'

/** What one proxy may see. Proxies with the same key see the same. */
export interface ProxyScope {
  readonly key: string
  /** Whether it sees all that is exported to everybody. */
  readonly seesExported?: true
  sees(service: ServiceReference): boolean
}

/** What an xds server needs of the controller around it. */
export interface XdsServerPorts {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly meters: Meters
  readonly authenticator: Authenticator
  readonly tls: ServerTlsKeeper
  readonly followers: ProxyFollowers
  /** What there is before the first client can connect: one that holds more is told to drop it. Asked once. */
  readonly initial?: () => Promise<readonly ResourceChange[]>
  /** Asked at the start of a stream, and again after `scopesChanged`. */
  scopeOf(proxy: Proxy): ProxyScope
  /** An encoded `istio.networking.nds.v1.NameTable`, complete, and its version; the same object while nothing changed. */
  nameTableOf(proxy: Proxy): { readonly octets: Uint8Array; readonly version: string }
  /** An encoded `meshdns.v1.Cluster` and its version, where there is a cluster; `singlesChanged` tells that it is another one. */
  clusterOf?(proxy: Proxy): { readonly octets: Uint8Array; readonly version: string } | undefined
  /** Other services at the same ports, such as the one that makes certificates. */
  readonly services: readonly {
    readonly definition: ServiceDefinition
    readonly implementation: UntypedServiceImplementation
  }[]
}

/** Who hears of proxies that come and go. */
export interface ProxyFollowers {
  /** @throws {CodedError} when the stream must be refused; its message tells the proxy why. */
  connected(proxy: Proxy, connection: ProxyConnection): Promise<void>
  disconnected(proxy: Proxy, connection: ProxyConnection): void
  /** What the proxy found out about the workload beside it. */
  healthReported(
    proxy: Proxy,
    report: { readonly healthy: boolean; readonly message: string },
  ): void
}

/** One stream of a proxy. */
export interface ProxyConnection {
  /** Distinct among all streams of this process. */
  readonly id: string
  /** Missing on the plaintext port. */
  readonly identity?: SpiffeId
  /** ADDRESS:PORT of the other end. */
  readonly address: string
}

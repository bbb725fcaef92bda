import type { TestContext } from 'node:test'
import { Health } from '../base/health.ts'
import { type Log, silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import { tryParseIp } from '../ip/address.ts'
import type { CatalogChange } from '../registry/catalog.ts'
import { nodeOf } from '../xds/client/node.ts'
import { ControllerOptions } from '../xds/client/options.ts'
import { XdsSource, type XdsSourcePorts } from '../xds/client/xds-source.ts'
import { FakeClock } from './fake-clock.ts'
import { temporaryFolder } from './temporary-folder.ts'

const reading = { clusterDomain: 'cluster.local', virtualRanges: [], source: 'controller' }

export interface XdsSourceRig {
  readonly source: XdsSource
  readonly clock: FakeClock
  readonly health: Health
  readonly meters: Meters
  readonly folder: string
  /** Hosts of every change that was told of, in order. */
  readonly changes: (readonly string[])[]
  /** HOST=ADDRESS of everything in force, in order of host. */
  readonly hosts: () => readonly string[]
}

export interface RigOptions {
  readonly addresses: readonly string[]
  readonly folder?: string
  readonly clock?: FakeClock
  readonly log?: Log
  readonly ports?: Partial<XdsSourcePorts>
  readonly controller?: Partial<ControllerOptions>
}

/** A source that runs until the test ends, under a clock that stands still. */
export async function startXdsSource(
  test: Pick<TestContext, 'after'>,
  options: RigOptions,
): Promise<XdsSourceRig> {
  const clock = options.clock ?? new FakeClock()
  const health = new Health()
  const meters = new Meters()
  const folder = options.folder ?? (await temporaryFolder(test))
  const controller = ControllerOptions.parse({
    addresses: options.addresses,
    tls: 'never',
    ...options.controller,
  })
  const source = new XdsSource(
    { controller, stateFolder: folder, reading },
    {
      clock,
      health,
      meters,
      log: options.log ?? silentLog,
      random: () => 32_768,
      node: () => nodeOf({ name: 'vm', namespace: 'default', addresses: [], dnsCapture: true }, {}),
      resolve: async (host) => {
        const address = tryParseIp(host === 'controller.test' ? '127.0.0.1' : '')
        return address === undefined ? [] : [address]
      },
      ...options.ports,
    },
  )
  const changes: (readonly string[])[] = []
  source.follow(({ hosts }: CatalogChange) => changes.push([...hosts].sort()))
  await source.start()
  test.after(() => source.stop())
  const hosts = () =>
    [...source.services()]
      .map(([host, [service]]) => `${host}=${service?.addresses.join() ?? ''}`)
      .sort()
  return { source, clock, health, meters, folder, changes, hosts }
}

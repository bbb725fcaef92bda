import type { TestContext } from 'node:test'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { Meters } from '../base/meters.ts'
import type { ReflectorPorts } from '../kubernetes/watch/reflector-options.ts'
import type { ServedKind } from './cluster-store.ts'
import { FakeClock } from './fake-clock.ts'
import { FakeClusterApi } from './fake-cluster-api.ts'

/** A scripted cluster, and what a reflector needs to follow it. */
export interface ReflectorRig {
  readonly api: FakeClusterApi
  readonly clock: FakeClock
  readonly health: Health
  readonly ports: ReflectorPorts
}

/** `random` draws the middle of every range. */
export async function reflectorRig(
  test: Pick<TestContext, 'after'>,
  kinds: readonly ServedKind[],
): Promise<ReflectorRig> {
  const api = await FakeClusterApi.start(test, kinds)
  const clock = new FakeClock()
  const health = new Health()
  const random = () => 32_768
  const ports = { client: api.client, clock, log: silentLog, health, meters: new Meters(), random }
  return { api, clock, health, ports }
}

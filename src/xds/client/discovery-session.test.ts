import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { create, toBinary } from '@bufbuild/protobuf'
import { Health } from '../../base/health.ts'
import { silentLog } from '../../base/log.ts'
import { Meters } from '../../base/meters.ts'
import { DeltaDiscoveryResponseSchema } from '../../rpc/gen/envoy/service/discovery/v3/discovery_pb.js'
import { FakeClock } from '../../testing/fake-clock.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { typeUrls } from '../type-url.ts'
import { ControllerTable } from './controller-table.ts'
import { decodeResponse } from './decode-response.ts'
import { DiscoverySession } from './discovery-session.ts'
import { ControllerOptions } from './options.ts'
import { SavedTable } from './saved-table.ts'

/** A response whose resources are all without content. */
function badResponse(names: readonly string[]) {
  const resources = names.map((name) => ({ name, version: '1' }))
  const fields = { typeUrl: typeUrls.address, nonce: 'n', resources }
  const message = create(DeltaDiscoveryResponseSchema, fields)
  return decodeResponse(toBinary(DeltaDiscoveryResponseSchema, message))
}

describe('DiscoverySession', () => {
  it('remembers no more than it must of what a controller is wrong about', async (test) => {
    const clock = new FakeClock()
    const ports = { clock, log: silentLog, health: new Health(), meters: new Meters() }
    const stateFolder = await temporaryFolder(test)
    const table = new ControllerTable({
      saved: new SavedTable({ stateFolder, saveEveryMs: 1_000 }, ports),
      reading: { clusterDomain: 'cluster.local', virtualRanges: [], source: 'controller' },
      onChange() {},
    })
    const nacks: string[] = []
    const session = new DiscoverySession(
      { ...ControllerOptions.parse({}), namesOnly: false },
      {
        clock,
        table,
        send: ({ errorDetail }) => void nacks.push(errorDetail?.message ?? ''),
        onSynced() {},
        onCluster() {},
        onTaken() {},
        onRefused() {},
        giveUp() {},
      },
    )
    for (let round = 0; round < 3; round += 1) {
      const names = Array.from({ length: 6_000 }, (_, at) => `ns${round}/h${at}.test`)
      session.receive(badResponse(names))
    }
    session.receive(badResponse(['x'.repeat(5_000)]))
    session.stop()
    assert.equal(session.refused, 10_000)
    assert.equal(nacks.length, 4)
    assert.match(nacks.at(-1) ?? '', /^the name "x{200}" is too long$/)
  })
})

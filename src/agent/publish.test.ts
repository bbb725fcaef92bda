import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { buildRouteTable } from '../balance/route-table.ts'
import { CapturedAddresses } from '../capture/captured-addresses.ts'
import type { Hostname } from '../registry/hostname.ts'
import type { NameRecord } from '../registry/name-record.ts'
import { nameTableOf } from '../registry/name-table.ts'
import type { MeshHost } from '../registry/view.ts'
import { endpoint, hostname, view } from '../testing/mesh.ts'
import { serviceOf } from '../testing/services.ts'
import { createPublish } from './publish.ts'

const options = { namespace: 'default', clusterDomain: 'cluster.local' }

/** Everything that is done, in order; names as HOST, and HOST with a minus when they go. */
function createRig() {
  const done: string[] = []
  const publish = createPublish({
    routes: buildRouteTable(new Map(), []),
    captured: new CapturedAddresses([]),
    async captureAddresses(addresses) {
      done.push(`capture ${addresses.length}`)
    },
    updateNames({ put, drop }) {
      done.push(...put.map(({ host }) => host), ...drop.map((host) => `-${host}`))
    },
  })
  return { done, publish }
}

function changeOf(hosts: readonly string[], drop: readonly Hostname[] = []) {
  const seen = view(
    hosts.map((host, at) =>
      serviceOf(host, {
        addresses: [`10.0.${at >> 8}.${at & 255}` as NameRecord['addresses'][number]],
        endpoints: [endpoint('192.0.2.1', { 80: 80 })],
      }),
    ),
  )
  const gone = drop.map((host): [Hostname, MeshHost | undefined] => [host, undefined])
  const put = [...nameTableOf(seen, options).values()]
  return { hosts: new Map([...seen, ...gone]), delta: { put, drop } }
}

describe('a changed mesh', () => {
  it('is in force for connections before names lead there', async () => {
    const { done, publish } = createRig()
    await publish(changeOf(['*.test', 'a.test'], [hostname('b.test')]))
    assert.deepEqual(done, ['capture 2', '*.test', 'a.test', '-b.test'])
  })

  it('has no rules changed when no address did', async () => {
    const { done, publish } = createRig()
    await publish(changeOf(['a.test']))
    await publish(changeOf(['a.test']))
    assert.deepEqual(done, ['capture 1', 'a.test', 'a.test'])
  })

  it('is taken in parts when it is large: wildcards last, then what is gone', async () => {
    const { done, publish } = createRig()
    const many = Array.from({ length: 5_000 }, (_, at) => `h${at}.test`)
    await publish(changeOf(['*.test', ...many], [hostname('b.test')]))
    assert.deepEqual(done, ['capture 5001', ...many, '*.test', '-b.test'])
  })
})

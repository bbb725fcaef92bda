import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { describe, it } from 'node:test'
import { silentLog } from '../base/log.ts'
import { livenessPage } from './pages.ts'
import { startPages } from './start-pages.ts'

const ports = { log: silentLog, allowedHosts: [], maxConnections: 8 }
const routes = { '/healthz/live': livenessPage }
const hasIpv6 = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .some(({ address }) => address === '::1')

async function status(host: string, port: number): Promise<number | undefined> {
  const response = await fetch(`http://${host}:${port}/healthz/live`).catch(() => undefined)
  await response?.arrayBuffer()
  return response?.status
}

describe('startPages', () => {
  it('serves every address of both families', async (test) => {
    const pages = await startPages('*:0', routes, ports)
    test.after(() => pages.stop())
    assert.equal(await status('127.0.0.1', pages.address.port), 200)
    if (hasIpv6) assert.equal(await status('[::1]', pages.address.port), 200)
  })

  it('serves the one that is named', async (test) => {
    const pages = await startPages('127.0.0.1:0', routes, ports)
    test.after(() => pages.stop())
    assert.equal(await status('127.0.0.1', pages.address.port), 200)
    assert.equal(await status('[::1]', pages.address.port), undefined)
  })

  it('serves none of both once it was stopped', async () => {
    const pages = await startPages('*:0', routes, ports)
    await pages.stop()
    assert.equal(await status('127.0.0.1', pages.address.port), undefined)
    assert.equal(await status('[::1]', pages.address.port), undefined)
  })

  it('serves nothing when the port is taken', async (test) => {
    const pages = await startPages('*:0', routes, ports)
    test.after(() => pages.stop())
    const again = startPages(`*:${pages.address.port}`, routes, ports)
    await assert.rejects(again, { code: 'ADMIN_BIND' })
  })
})

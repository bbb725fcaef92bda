import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { LineLog } from '../../src/testing/line-log.ts'
import { AttackedController } from './attacked-controller.ts'

const total = 10_000
/** Fewer than one address may make at once by the limits that a controller has. */
const perAddress = 1_900

const descriptors = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim()
const isEnough = descriptors === 'unlimited' || Number(descriptors) > total + 1_000
const skip = isEnough ? false : `a process may have ${descriptors} descriptors only`

describe('the process of a controller', () => {
  it('holds ten thousand idle connections, serves others meanwhile, and cuts them off in time', {
    skip,
  }, async (test) => {
    const attacked = await AttackedController.start(['--xds-limits-handshake-timeout-ms', '5000'])
    test.after(() => attacked.stop())
    const before = attacked.residentMib
    const main = fileURLToPath(new URL('idle-main.ts', import.meta.url))
    const words = [attacked.tls.port, total, perAddress].map(String)
    await attacked.refusesBecause('tls_handshake', async () => {
      // Node itself raises its limit of descriptors to the highest that it may have.
      const child = spawn(process.execPath, [main, ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      test.after(() => child.kill('SIGKILL'))
      const said = new LineLog(child.stdout)
      await said.line(/^open 10000$/)
      await attacked.harmsNobody()
      const octetsEach = ((attacked.residentMib - before) * 1_048_576) / total
      test.diagnostic(`${Math.round(octetsEach / 1_024)} KiB for each connection`)
      assert.ok(octetsEach < 65_536)
      await said.line(/^closed$/)
    })
    const told = attacked.refusals.filter(({ reason }) => reason === 'tls_handshake')
    assert.ok(told.length < 200, 'the log is not flooded')
    await attacked.harmsNobody()
  })
})

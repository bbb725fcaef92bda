import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { formatSocketAddress } from '../../ip/socket-address.ts'
import { openDeltaClient } from '../../testing/delta-client.ts'
import { machineCredentials } from '../../testing/machine-credentials.ts'
import { runCli } from '../../testing/run-cli.ts'
import { startTestController } from '../../testing/start-test-controller.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'

const examples = fileURLToPath(new URL('../../../examples', import.meta.url))

function countInForce(text: string): number {
  return (text.match(/ in force /g) ?? []).length
}

describe('meshdns proxy-status', () => {
  it('lists every agent with who it is and the table that it has in force', async (test) => {
    const stateFolder = await temporaryFolder(test)
    const controller = await startTestController(test, { sources: [examples], stateFolder })
    const { plaintext, tls } = controller.addresses()
    assert.ok(plaintext[0] && tls[0])
    const account = { namespace: 'shop', serviceAccount: 'ratings' }
    openDeltaClient(test, plaintext[0])
    openDeltaClient(test, tls[0], {
      ...(await machineCredentials(stateFolder, account)),
      node: {
        id: 'sidecar~10.0.0.7~vm.shop~shop.svc.cluster.local',
        metadata: { ISTIO_VERSION: '1.27.0' },
      },
    })
    const words = ['proxy-status', '--controller', formatSocketAddress(controller.pages)]
    let run = await runCli(words)
    for (let tries = 0; tries < 50 && countInForce(run.stdout) < 2; tries += 1) {
      run = await runCli(words)
    }
    const [head, agent, vm] = run.stdout.split('\n')
    assert.match(head ?? '', /^NAME +ADDRESS +IDENTITY +VERSION +STATE +LAST ACK +LAG +TABLE$/)
    assert.match(agent ?? '', /^agent\.default +127\.0\.0\.1 +- +- +in force .* [0-9a-f]{16}$/)
    assert.match(
      vm ?? '',
      /^vm\.shop +10\.0\.0\.7 +cluster\.local\/ns\/shop\/sa\/ratings +1\.27\.0 +in force .* [0-9a-f]{16}$/,
    )
    assert.equal(agent?.slice(-16), vm?.slice(-16))

    const ofShop = await runCli([...words, '-n', 'shop', '-o', 'json'])
    const { proxies } = JSON.parse(ofShop.stdout) as { proxies: readonly { name: string }[] }
    assert.deepEqual(
      proxies.map(({ name }) => name),
      ['vm.shop'],
    )
    const ofNobody = await runCli([...words, '--namespace', 'empty'])
    assert.equal(ofNobody.stdout, 'No agent of the namespace empty is connected.\n')
  })
})

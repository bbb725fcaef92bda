import assert from 'node:assert/strict'
import { eventually } from '../../src/testing/eventually.ts'
import { pageOperator } from '../../src/testing/page-operator.ts'
import { type InstallRig, runningPod } from './install-rig.ts'

/** Where nothing was installed; afterwards something is. */
export async function repairsInstallation(rig: InstallRig): Promise<void> {
  rig.podStatus = () => ({
    phase: 'Pending',
    containerStatuses: [
      {
        name: 'controller',
        image: 'x',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } },
      },
    ],
  })
  const quick = ['install', '-y', '-f', '-', '--readiness-timeout', '1s']
  // By then there may be no pods yet.
  assert.equal((await rig.meshdns(quick, pageOperator)).code, 1)
  const waiting = 'jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}'
  await eventually(async () => {
    const said = await rig.cluster.must(['get', 'pods', '-n', 'istio-system', '-o', waiting])
    assert.equal(said, 'ImagePullBackOff ImagePullBackOff')
  })
  const failed = await rig.meshdns(quick, pageOperator)
  assert.equal(failed.code, 1)
  assert.match(failed.stdout, /waiting for the controllers: 0 of 2 are available/)
  assert.match(
    failed.stderr,
    /error\[INSTALL_NOT_IN_TIME\]: waited too long for the controllers:\n +pod meshdns-controller-\S+: ImagePullBackOff: no such image\n/,
  )
  assert.match(failed.stderr, /hint: .*--readiness-timeout/)
  const asked = await rig.cluster.must(['get', 'mutatingwebhookconfigurations', '-o', 'name'])
  assert.equal(asked, '', 'nobody is asked before somebody answers')

  rig.podStatus = runningPod
  const repaired = await rig.meshdns(['install', '-y', '-f', '-'], pageOperator)
  assert.equal(repaired.code, 0, repaired.stderr)
  assert.match(repaired.stdout, /^created MutatingWebhookConfiguration meshdns-sidecar-injector/m)
  assert.match(repaired.stdout, /^The control plane is ready\. .*istio-injection=enabled$/m)
  assert.doesNotMatch(repaired.stdout, /DNS is not caught/)
}

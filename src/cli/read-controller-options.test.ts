import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { OptionValues } from './option-values.ts'
import { readControllerOptions } from './read-controller-options.ts'

function read(
  values: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>> = {},
) {
  const { stdout, stderr } = process
  const io = { stdin: Readable.from([]), stdout, stderr, env, clock: systemClock, color: false }
  return readControllerOptions({ operands: [], options: new OptionValues(values), io })
}

const operator = (env: string) => `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec: { values: { pilot: { env: ${env} } } }
`

describe('readControllerOptions', () => {
  it("takes istiod's variables", () => {
    const options = read(
      {},
      {
        PILOT_ENABLE_IP_AUTOALLOCATE: 'false',
        PILOT_IP_AUTOALLOCATE_IPV4_PREFIX: '10.9.0.0/16',
        PILOT_WORKLOAD_ENTRY_GRACE_PERIOD: '1m30s',
        PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION: 'false',
        PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS: 'false',
        ISTIO_WORKLOAD_ENTRY_VALIDATE_IDENTITY: 'false',
        PILOT_ENABLE_XDS_IDENTITY_CHECK: 'false',
        PILOT_DEBOUNCE_AFTER: '50ms',
        PILOT_DEBOUNCE_MAX: '2s',
        CLUSTER_ID: 'north',
      },
    )
    assert.equal(options.virtualAddresses.allocate, false)
    assert.equal(options.virtualAddresses.v4Prefix, '10.9.0.0/16')
    assert.deepEqual(options.registration, {
      enabled: false,
      healthChecks: false,
      identityCheck: false,
      graceMs: 90_000,
      maxEntries: 20_000,
    })
    const { identityCheck, pushQuietMs, pushMaxDelayMs } = options.xds
    assert.deepEqual([identityCheck, pushQuietMs, pushMaxDelayMs], [false, 50, 2_000])
    assert.equal(options.clusterId, 'north')
  })

  it('takes parts of seconds', () => {
    const flags = read({ kubernetesLeaderRetrySeconds: '0.5' })
    assert.equal(flags.kubernetes.leader.retrySeconds, 0.5)
  })

  it('takes them of the IstioOperator, under those of the environment', async (test) => {
    const meshConfig = join(await temporaryFolder(test), 'iop.yaml')
    const env = '{ CLUSTER_ID: north, PILOT_WORKLOAD_ENTRY_GRACE_PERIOD: 20s }'
    await writeFile(meshConfig, operator(env))
    const options = read({ meshConfig }, { CLUSTER_ID: 'south' })
    assert.equal(options.clusterId, 'south')
    assert.equal(options.registration.graceMs, 20_000)
  })

  it('leaves a file that cannot be read to the controller', () => {
    assert.equal(read({ meshConfig: '/nowhere/mesh.yaml' }).clusterId, '')
  })

  it('refuses what makes no sense, and says where to look', () => {
    assert.throws(() => read({}, { PILOT_IP_AUTOALLOCATE_IPV4_PREFIX: 'x' }), {
      code: 'CONFIG_INVALID',
      hint: 'See: meshdns controller --help',
    })
  })
})

describe('readControllerOptions, of a cluster', () => {
  const kubernetes = { KUBERNETES_SERVICE_HOST: '10.96.0.1' }

  it('takes the cluster when told to, with pages that probes can reach', () => {
    const { kubernetes: cluster, admin } = read({ kubernetes: 'true', kubeconfig: '/c' })
    assert.equal(cluster.enabled, true)
    assert.equal(cluster.kubeconfig, '/c')
    assert.equal(admin.address, '*:15014')
  })

  it("keeps pages where they were told to be, and takes a pod's variables", () => {
    const { kubernetes: cluster, admin } = read(
      { kubernetes: 'true', adminAddress: '127.0.0.1:1' },
      { POD_NAMESPACE: 'mesh', POD_NAME: 'c-1', REVISION: 'canary' },
    )
    assert.equal(admin.address, '127.0.0.1:1')
    const { namespace, podName, revision } = cluster
    assert.deepEqual(
      { namespace, podName, revision },
      { namespace: 'mesh', podName: 'c-1', revision: 'canary' },
    )
  })

  it('takes files where they are named, or where there are no credentials of a pod', () => {
    assert.equal(read({}, kubernetes).kubernetes.enabled, false)
    assert.equal(read({ sources: ['.'] }, kubernetes).kubernetes.enabled, false)
    assert.equal(read({}).admin.address, '127.0.0.1:15014')
  })
})

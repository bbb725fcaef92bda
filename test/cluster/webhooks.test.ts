import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { validateObject } from '../../src/admission/validate-object.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { createRandom } from '../../src/base/random.ts'
import { startCaBundles } from '../../src/controller/cluster/ca-bundles.ts'
import { createControllerPorts } from '../../src/controller/ports.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { FakeLeadership } from '../../src/testing/leadership.ts'
import { startWebhooks, type WebhookRig } from '../../src/testing/webhook-client.ts'
import { root } from '../architecture/tree.ts'
import { clusterTestsSkip } from './programs.ts'
import type { ProgramOutcome } from './run-program.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

const namespace = 'mesh-system'
const validator = `meshdns-validator-${namespace}`

function entry(name: string, spec: object): string {
  return JSON.stringify({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name, namespace: 'default' },
    spec,
  })
}

const ports = [{ number: 80, name: 'http', protocol: 'HTTP' }]

describe('webhooks of a cluster', { skip }, () => {
  let cluster: TestCluster
  let webhooks: WebhookRig
  const leadership = new FakeLeadership()
  const cleanUp: (() => unknown)[] = []
  const rig = { after: (stop: () => unknown) => void cleanUp.unshift(stop) }
  const { health, ...shared } = createControllerPorts(systemClock, silentLog)
  let roots = ''
  const changed: (() => void)[] = []

  const configuration = (name: string, caBundle?: string) =>
    JSON.stringify({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name },
      webhooks: [
        {
          name: 'validation.meshdns.io',
          clientConfig: {
            url: `https://127.0.0.1:${webhooks.where.port}/validate`,
            ...(caBundle === undefined ? {} : { caBundle }),
          },
          rules: [
            {
              apiGroups: ['networking.istio.io'],
              apiVersions: ['*'],
              operations: ['CREATE', 'UPDATE'],
              resources: ['serviceentries'],
            },
          ],
          failurePolicy: 'Ignore',
          sideEffects: 'None',
          timeoutSeconds: 30,
          admissionReviewVersions: ['v1'],
        },
      ],
    })

  async function bundleOf(name: string): Promise<string> {
    const path = 'jsonpath={.webhooks[0].clientConfig.caBundle}'
    const text = await cluster.must(['get', 'validatingwebhookconfiguration', name, '-o', path])
    return Buffer.from(text, 'base64').toString()
  }

  async function bundleBecomes(want: string): Promise<void> {
    await eventually(async () => assert.equal(await bundleOf(validator), want))
  }

  /** An API server hears of a changed configuration a moment after it was stored. */
  async function applyUntil(name: string, spec: object, said: RegExp) {
    let outcome: ProgramOutcome | undefined
    await eventually(async () => {
      outcome = await cluster.kubectl(['apply', '-f', '-'], entry(name, spec))
      assert.match(outcome.stderr, said)
    }).catch(async (cause: unknown) => {
      throw new Error(await cluster.log('kube-apiserver'), { cause })
    })
    assert.ok(outcome)
    return outcome
  }

  before(async () => {
    cluster = await TestCluster.start()
    await cluster.must(['apply', '-f', join(root, 'packaging/kubernetes/definitions')])
    await cluster.must(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=300s'])
    webhooks = await startWebhooks(
      rig,
      new Map([
        [
          '/validate',
          (request) =>
            validateObject(request, {
              autoAllocate: true,
              declared: { services: () => new Map() },
            }),
        ],
      ]),
    )
    roots = webhooks.roots
    const client = cluster.connect()
    const certificates = {
      roots: () => roots,
      follow: (onChange: () => void) => void changed.push(onChange),
    }
    const bundles = startCaBundles(
      { place: { namespace, revision: '' }, leadership, certificates },
      { ...shared, health, client, random: createRandom() },
    )
    cleanUp.unshift(() => bundles.stop())
  })

  after(async () => {
    for (const stop of cleanUp) await stop()
    await cluster[Symbol.asyncDispose]()
  })

  it('let everything pass while the API server does not know their root', async () => {
    await cluster.must(['apply', '-f', '-'], configuration(validator))
    await cluster.must(['apply', '-f', '-'], configuration('of-somebody-else'))
    await cluster.must(
      ['apply', '-f', '-'],
      entry('unchecked', {
        hosts: ['a.test'],
        ports: [{ number: 80, name: 'x', protocol: 'HTTTP' }],
      }),
    )
  })

  it('are made known by the leader, and only ours', async () => {
    assert.equal(await bundleOf(validator), '')
    leadership.lead(true)
    await bundleBecomes(roots)
    assert.equal(await bundleOf('of-somebody-else'), '')
    await cluster.must(['delete', 'validatingwebhookconfiguration', 'of-somebody-else'])
  })

  it('have kubectl print what is wrong, where, and what to do', async () => {
    const wrong = { hosts: ['a.test'], ports: [{ number: 80, name: 'x', protocol: 'HTTTP' }] }
    const { code, stderr } = await applyUntil('wrong', wrong, /denied/)
    assert.equal(code, 1)
    assert.match(
      stderr,
      /admission webhook "validation\.meshdns\.io" denied the request: ServiceEntry default\/wrong spec\.ports\[0\]\.protocol: there is no protocol "HTTTP"\. Did you mean HTTP\? \[E10\]/,
    )
    const several = {
      hosts: ['*.a.test'],
      resolution: 'DNS',
      ports: [...ports, { number: 81, name: 'y', protocol: 'Z' }],
    }
    const { stderr: list } = await applyUntil('several', several, /denied/)
    assert.match(
      list,
      /denied the request: 2 things are wrong with ServiceEntry default\/several:\n {2}- spec\.\S+: .*\n {2}- spec/,
    )
  })

  it('have kubectl print what is dubious', async () => {
    const dubious = { hosts: ['*foo.test'], ports, resolution: 'NONE' }
    const { code, stderr } = await cluster.kubectl(['apply', '-f', '-'], entry('dubious', dubious))
    assert.equal(code, 0, stderr)
    assert.match(stderr, /^Warning: ServiceEntry default\/dubious spec\.hosts\[0\]: [^]*\[W2\]/m)
  })

  it('let an object be labelled that was wrong before them, with a warning', async () => {
    const { code, stderr } = await cluster.kubectl(['label', 'serviceentry', 'unchecked', 'a=b'])
    assert.equal(code, 0, stderr)
    assert.match(
      stderr,
      /^Warning: ServiceEntry default\/unchecked spec\.ports\[0\]\.protocol: [^]*\[E10\]/m,
    )
  })

  it('are known again when somebody reverts the bundle, or the root is rotated', async () => {
    await cluster.must(
      ['apply', '-f', '-'],
      configuration(validator, Buffer.from(roots).toString('base64')),
    )
    await cluster.must(['apply', '-f', '-'], configuration(validator))
    await bundleBecomes(roots)
    const first = roots
    roots = `${first}${first}`
    for (const tell of changed) tell()
    await bundleBecomes(roots)
    assert.deepEqual(health.items(), [])
  })

  it('are left alone by who does not lead', async () => {
    leadership.lead(false)
    await cluster.must(['delete', 'validatingwebhookconfiguration', validator])
    await cluster.must(['apply', '-f', '-'], configuration(validator))
    roots = webhooks.roots
    for (const tell of changed) tell()
    await cluster.must(['get', 'validatingwebhookconfiguration', validator])
    assert.equal(await bundleOf(validator), '')
    leadership.lead(true)
    await bundleBecomes(roots)
  })
})

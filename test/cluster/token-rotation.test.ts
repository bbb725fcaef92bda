import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { silentLog } from '../../src/base/log.ts'
import { isApiFailure } from '../../src/kubernetes/client/api-failure.ts'
import type { ClusterAccess } from '../../src/kubernetes/client/cluster-access.ts'
import { ClusterClient } from '../../src/kubernetes/client/cluster-client.ts'
import { openPodAccess } from '../../src/kubernetes/client/pod-access.ts'
import { Reflector } from '../../src/kubernetes/watch/reflector.ts'
import { eventually } from '../../src/testing/eventually.ts'
import { clusterPorts } from './cluster-ports.ts'
import { clusterTestsSkip } from './programs.ts'
import { TestCluster } from './start-cluster.ts'

const skip = await clusterTestsSkip()

const certificatePath = 'jsonpath={.clusters[0].cluster.certificate-authority-data}'

describe('a token of a pod that counts no longer', { skip }, () => {
  let cluster: TestCluster
  let folder: string
  let access: ClusterAccess

  before(async () => {
    cluster = await TestCluster.start()
    folder = await mkdtemp(join(tmpdir(), 'meshdns-token-'))
    const words = ['config', 'view', '--raw', '--flatten', '-o', certificatePath]
    const authority = Buffer.from(await cluster.must(words), 'base64').toString()
    await cluster.must(['create', 'serviceaccount', 'reader'])
    const rights = ['--verb=get,list,watch', '--resource=configmaps']
    await cluster.must(['create', 'clusterrole', 'reader', ...rights])
    const who = ['--clusterrole=reader', '--serviceaccount=default:reader']
    await cluster.must(['create', 'clusterrolebinding', 'reader', ...who])
    for (const name of ['first', 'second']) {
      await cluster.must(['create', 'secret', 'generic', name])
    }
    await Promise.all([
      write('namespace', 'default'),
      write('ca.crt', authority),
      writeToken('first'),
    ])
    const { hostname, port } = new URL(cluster.server)
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }
    access = await openPodAccess(env, folder)
  })
  after(async () => {
    await cluster?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('is refused in the middle of a watch, and the one that takes its place is read', async () => {
    const client = new ClusterClient(access)
    const kind = { group: '', versions: ['v1'], plural: 'configmaps' } as const
    const project = () => true
    const ports = { ...clusterPorts(cluster, silentLog), client }
    const reflector = new Reflector({ kind, project }, ports)
    const sees = (name: string) => eventually(async () => reflector.items().has(`default/${name}`))
    await reflector.start()
    try {
      await cluster.must(['create', 'configmap', 'before'])
      await sees('before')

      await cluster.must(['delete', 'secret', 'first'])
      await eventually(async () => {
        const path = '/api/v1/namespaces/default/configmaps'
        const outcome = await client.call({ path }).catch((error: unknown) => error)
        return isApiFailure(outcome, 401)
      })
      // Ends the watch; the list that follows is refused.
      await reflector.reload()
      await cluster.must(['create', 'configmap', 'meanwhile'])
      assert.ok(reflector.items().has('default/before'), 'what was known is kept')

      await writeToken('second')
      await sees('meanwhile')
      await cluster.must(['create', 'configmap', 'after'])
      await sees('after')
    } finally {
      await reflector.stop()
    }
  })

  function write(name: string, text: string): Promise<void> {
    return writeFile(join(folder, name), text)
  }

  /** It counts for as long as the Secret is there. */
  async function writeToken(secret: string): Promise<void> {
    const bound = ['--bound-object-kind=Secret', `--bound-object-name=${secret}`]
    await write('token', await cluster.must(['create', 'token', 'reader', ...bound]))
  }
})

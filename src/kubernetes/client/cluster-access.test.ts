import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { ClusterAccessError, hasClusterAccess, openClusterAccess } from './cluster-access.ts'
import { openPodAccess } from './pod-access.ts'

function kubeconfig(name: string): string {
  return JSON.stringify({
    'current-context': name,
    clusters: [{ name, cluster: { server: `https://${name}.test/` } }],
    users: [{ name, user: {} }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `of-${name}` } }],
  })
}

const opened = (file: string) => openClusterAccess({ kubeconfig: file, context: '', env: {} })

/** All that could be printed or logged of it. */
const everythingOf = (error: unknown) => inspect(error, { depth: 10, showHidden: true })

describe('the cluster that is meant', () => {
  it('is the one that is named, else that of KUBECONFIG, else that of the home', async (test) => {
    const home = await temporaryFolder(test)
    const named = join(home, 'named')
    const variable = join(home, 'variable')
    await mkdir(join(home, '.kube'))
    await writeFile(join(home, '.kube/config'), kubeconfig('home'))
    await writeFile(variable, kubeconfig('variable'))
    await writeFile(named, kubeconfig('named'))
    const [empty, both] = [{ HOME: home }, { HOME: home, KUBECONFIG: variable }]
    const nameOf = async (path: string, env: typeof empty) =>
      (await openClusterAccess({ kubeconfig: path, context: '', env })).name
    assert.equal(await nameOf('', empty), 'home')
    assert.equal(await nameOf('', both), 'variable')
    assert.equal(await nameOf(named, both), 'named')
    assert.deepEqual([empty, both, {}].map(hasClusterAccess), [true, true, false])
  })

  it('is a context of several files', async (test) => {
    const folder = await temporaryFolder(test)
    const files = ['one', 'two'].map((name) => join(folder, name))
    for (const file of files) await writeFile(file, kubeconfig(file.slice(folder.length + 1)))
    const choice = { kubeconfig: files.join(':'), env: {} }
    const first = await openClusterAccess({ ...choice, context: '' })
    const second = await openClusterAccess({ ...choice, context: 'two' })
    assert.equal(first.server, 'https://one.test')
    assert.equal(second.server, 'https://two.test')
    assert.equal(second.namespace, 'of-two')
    await assert.rejects(openClusterAccess({ ...choice, context: 'three' }), /but one, two/)
  })

  it('is looked for in those of several files that are there', async (test) => {
    const there = join(await temporaryFolder(test), 'there')
    await writeFile(there, kubeconfig('there'))
    const env = { KUBECONFIG: `/nowhere:${there}` }
    assert.equal((await openClusterAccess({ kubeconfig: '', context: '', env })).name, 'there')
  })

  for (const [text, want] of Object.entries({
    'a: [': /the kubeconfig \S+ cannot be read: [^\n]+$/,
    '{}': /the kubeconfig \S+ names no cluster: it has no current context$/,
    '{ "current-context": "away" }': /names no cluster: its context away leads to none$/,
    [kubeconfig('here').replace('"user":"here"', '"user":"away"')]:
      /has no user away, whom its context here names$/,
    [kubeconfig('here').replace('https://', '')]:
      /the server "here.test" of the kubeconfig \S+ is no URL$/,
  })) {
    it(`is missed in ${text.slice(0, 200)}, with the file and a reason`, async (test) => {
      const file = join(await temporaryFolder(test), 'config')
      await writeFile(file, text)
      const opening = openClusterAccess({ kubeconfig: file, context: '', env: {} })
      await assert.rejects(opening, want)
    })
  }

  it('is, where files have the same names, what the first one says', async (test) => {
    const folder = await temporaryFolder(test)
    const [first, second] = ['first', 'second'].map((name) => join(folder, name)) as [
      string,
      string,
    ]
    await writeFile(first, kubeconfig('same'))
    await writeFile(second, kubeconfig('same').replace('same.test', 'second.test'))
    assert.equal((await opened(`${first}:${second}`)).server, 'https://same.test')
  })

  it('is called without the password in the URL of its server', async (test) => {
    const file = join(await temporaryFolder(test), 'config')
    await writeFile(file, kubeconfig('here').replace('https://', 'https://me:hidden@'))
    assert.equal((await opened(file)).server, 'https://here.test')
    await writeFile(file, kubeconfig('here').replace('https://', 'me:hidden@'))
    await assert.rejects(opened(file), (error) => !everythingOf(error).includes('hidden'))
  })

  for (const text of [
    'users: [{ name: me, user: { token: hidden }',
    'token: *hidden',
    'token: !x!hidden a',
    'token: "hidden',
    'hidden: 1\nhidden: 2',
    'a: b\nhidden',
    '"hidden" "hidden"',
    'users: [{ name: me, user: hidden }]\nclusters: [{ name: a, cluster: { server: [hidden] } }]',
  ]) {
    it(`is missed in ${JSON.stringify(text)} without a word of it`, async (test) => {
      const file = join(await temporaryFolder(test), 'config')
      await writeFile(file, text)
      await assert.rejects(opened(file), (error) => {
        assert.ok(error instanceof ClusterAccessError)
        assert.doesNotMatch(everythingOf(error), /hidden/)
        return true
      })
    })
  }

  it('does not quote what a program gives out in place of credentials', async (test) => {
    const file = join(await temporaryFolder(test), 'config')
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'echo',
      args: ['hidden'],
    }
    await writeFile(
      file,
      kubeconfig('here').replace('"user":{}', `"user":${JSON.stringify({ exec })}`),
    )
    const access = await opened(file)
    await assert.rejects(access.authorize(), (error) => {
      assert.match(String(error), /gave no JSON$/)
      assert.doesNotMatch(everythingOf(error), /hidden/)
      return true
    })
  })

  it('is none of our own pod, whatever its context is called', async (test) => {
    const file = join(await temporaryFolder(test), 'config')
    await writeFile(file, kubeconfig('in-cluster'))
    const access = await openClusterAccess({ kubeconfig: file, context: '', env: {} })
    assert.deepEqual([access.name, access.isOwnPod], ['in-cluster', false])
  })

  it('is missed with a hint', async () => {
    for (const context of ['', 'test']) {
      const opening = openClusterAccess({ kubeconfig: '', context, env: {} })
      await assert.rejects(opening, ClusterAccessError)
    }
    const away = openClusterAccess({ kubeconfig: '/nowhere', context: '', env: {} })
    await assert.rejects(away, /the kubeconfig \/nowhere cannot be read: there is no such file$/)
  })
})

describe('the cluster of a pod', () => {
  it('is known by a token and a CA that may change', async (test) => {
    const folder = await temporaryFolder(test)
    const write = (name: string, text: string) => writeFile(join(folder, name), text)
    await write('namespace', 'mesh')
    await write('token', 'first\n')
    await write('ca.crt', 'one')
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }
    const access = await openPodAccess(env, folder)
    const { name, server, namespace, isOwnPod } = access
    assert.ok(isOwnPod)
    assert.deepEqual([name, server, namespace], ['in-cluster', 'https://[fd00::1]:6443', 'mesh'])
    const before = await access.authorize()
    assert.equal(before.headers['authorization'], 'Bearer first')
    await write('token', 'second')
    const after = await access.authorize()
    assert.equal(after.headers['authorization'], 'Bearer second')
    assert.equal(after.dispatcher, before.dispatcher)
    await write('ca.crt', 'two')
    assert.notEqual((await access.authorize()).dispatcher, before.dispatcher)
  })

  it('is not there without credentials', async (test) => {
    const folder = await temporaryFolder(test)
    await assert.rejects(openPodAccess({}, folder), ClusterAccessError)
  })
})

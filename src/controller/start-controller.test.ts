import assert from 'node:assert/strict'
import { once } from 'node:events'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { connect } from 'node:tls'
import { ipFromOctets } from '../ip/address.ts'
import { formatSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import { type DeltaClient, openDeltaClient } from '../testing/delta-client.ts'
import { entryYaml } from '../testing/entry-yaml.ts'
import { startTestController } from '../testing/start-test-controller.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import type { Controller } from './start-controller.ts'

function plaintext(controller: Controller) {
  const [where] = controller.addresses().plaintext
  assert.ok(where)
  return where
}

/** The addresses of a service as a client knows it. */
function addressesOf(client: DeltaClient, name: string): readonly string[] | undefined {
  const type = client.addresses.get(name)?.type
  if (type?.case !== 'service') return undefined
  return type.value.addresses.map(({ address }) => ipFromOctets(address))
}

function sidecarYaml(namespace: string, host: string): string {
  return `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: ${namespace} }
spec: { egress: [{ hosts: ["${host}"] }] }
`
}

function operatorYaml(spec: string): string {
  return `apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: ${spec}\n`
}

/** What a client of this TLS sees of the controller. */
async function shakeHands({ address, port }: SocketAddress, version: 'TLSv1.2' | 'TLSv1.3') {
  const protocol = { minVersion: version, maxVersion: version }
  const socket = connect({ host: address, port, rejectUnauthorized: false, ...protocol })
  try {
    await once(socket, 'secureConnect')
    const names = socket.getPeerX509Certificate()?.subjectAltName ?? ''
    return { protocol: socket.getProtocol(), names }
  } finally {
    socket.destroy()
  }
}

async function save(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

describe('startController', () => {
  it('tells its clients what is in the files, and what changes there', async (test) => {
    const folder = await temporaryFolder(test)
    const file = join(folder, 'a.yaml')
    await save(file, entryYaml({ name: 'a', hosts: ['a.test'] }))
    const controller = await startTestController(test, { sources: [folder] })
    const client = openDeltaClient(test, plaintext(controller))
    await until(() => client.addresses.has('default/a.test'))
    assert.deepEqual(addressesOf(client, 'default/a.test'), ['240.240.0.1', '2001:2::1'])
    await save(file, entryYaml({ name: 'a', hosts: ['a.test', 'b.test'] }))
    await until(() => client.addresses.has('default/b.test'))
    assert.deepEqual(addressesOf(client, 'default/b.test'), ['240.240.0.2', '2001:2::2'])
    await rm(file)
    await until(() => !client.addresses.has('default/a.test'))
    assert.equal(client.end, undefined)
  })

  it('gives every host its address again after a restart', async (test) => {
    const [folder, stateFolder] = [await temporaryFolder(test), await temporaryFolder(test)]
    const write = (name: string) =>
      save(join(folder, `${name}.yaml`), entryYaml({ name, hosts: [`${name}.test`] }))
    await write('b')
    const first = await startTestController(test, { sources: [folder], stateFolder })
    await write('a')
    const before = openDeltaClient(test, plaintext(first))
    await until(() => before.addresses.has('default/a.test'))
    await first.stop()
    const second = await startTestController(test, { sources: [folder], stateFolder })
    const after = openDeltaClient(test, plaintext(second))
    await until(() => after.addresses.has('default/a.test'))
    for (const name of ['default/a.test', 'default/b.test']) {
      assert.deepEqual(addressesOf(after, name), addressesOf(before, name), name)
    }
  })

  it('shows each client what its namespace, its Sidecar and the mesh let it see', async (test) => {
    const folder = await temporaryFolder(test)
    const meshConfig = join(await temporaryFolder(test), 'mesh.yaml')
    await save(meshConfig, 'rootNamespace: root\n')
    await save(join(folder, 'a.yaml'), entryYaml({ name: 'a', hosts: ['a.test'] }))
    await save(join(folder, 'b.yaml'), entryYaml({ name: 'b', hosts: ['b.test'] }))
    const controller = await startTestController(test, { sources: [folder], meshConfig })
    const clientOf = (namespace: string) =>
      openDeltaClient(test, plaintext(controller), {
        node: { id: `ztunnel~127.0.0.1~x.${namespace}~${namespace}.svc.cluster.local` },
      })
    const [own, other] = [clientOf('default'), clientOf('shop')]
    await until(() => own.addresses.has('default/b.test') && other.addresses.has('default/b.test'))
    await save(join(folder, 'sidecar.yaml'), sidecarYaml('root', 'default/b.test'))
    await until(() => !own.addresses.has('default/a.test'))
    await until(() => !other.addresses.has('default/a.test'))
    await save(meshConfig, 'rootNamespace: elsewhere\n')
    await until(() => other.addresses.has('default/a.test') && own.addresses.has('default/a.test'))
    await save(meshConfig, 'rootNamespace: elsewhere\ndefaultServiceExportTo: ["."]\n')
    await until(() => !other.addresses.has('default/a.test'))
    assert.ok(own.addresses.has('default/a.test'))
  })

  it('says which settings of the mesh wait for a restart', async (test) => {
    const meshConfig = join(await temporaryFolder(test), 'mesh.yaml')
    await save(meshConfig, 'trustDomain: one.test\n')
    const controller = await startTestController(test, { meshConfig })
    await save(meshConfig, 'trustDomain: two.test\n')
    const page = `http://${formatSocketAddress(controller.pages)}/health`
    let body = ''
    while (!body.includes('CONTROLLER_RESTART_NEEDED')) body = await (await fetch(page)).text()
    assert.match(body, /"detail": "trustDomain"/)
  })

  it('takes another name, and another oldest TLS, for connections to come', async (test) => {
    const meshConfig = join(await temporaryFolder(test), 'mesh.yaml')
    await save(meshConfig, operatorYaml('{}'))
    const controller = await startTestController(test, { meshConfig })
    const [where] = controller.addresses().tls
    assert.ok(where)
    assert.equal((await shakeHands(where, 'TLSv1.2')).protocol, 'TLSv1.2')
    const tls = '{ minProtocolVersion: TLSV1_3 }'
    await save(meshConfig, operatorYaml(`{ revision: canary, meshConfig: { meshMTLS: ${tls} } }`))
    let names = ''
    while (!names.includes('istiod-canary')) names = (await shakeHands(where, 'TLSv1.3')).names
    assert.match(names, /DNS:istiod\.istio-system\.svc, DNS:istiod-canary\.istio-system\.svc/)
    await assert.rejects(shakeHands(where, 'TLSv1.2'))
    const health = await fetch(`http://${formatSocketAddress(controller.pages)}/health`)
    assert.doesNotMatch(await health.text(), /CONTROLLER_RESTART_NEEDED/)
  })

  it('leaves nothing running when a part cannot start', async (test) => {
    const stateFolder = await temporaryFolder(test)
    const one = await startTestController(test, { stateFolder })
    const admin = { address: `127.0.0.1:${one.pages.port}` }
    await assert.rejects(startTestController(test, { admin }), { code: 'ADMIN_BIND' })
  })
})

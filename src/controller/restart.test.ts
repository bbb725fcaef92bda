import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { writeAtomically } from '../base/write-atomically.ts'
import { ipFromOctets } from '../ip/address.ts'
import { type ControllerProcess, startControllerProcess } from '../testing/controller-process.ts'
import { type DeltaClient, openDeltaClient } from '../testing/delta-client.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'

/** By name, in the order in which they were created. */
function entry(name: string, addresses: readonly string[] = []): string {
  const second = String(name.charCodeAt(0) - 'a'.charCodeAt(0)).padStart(2, '0')
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, creationTimestamp: "2026-01-01T00:00:${second}Z" }
spec:
  hosts: [${name}.test]
  addresses: [${addresses.join(', ')}]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [{ address: 198.51.100.1 }]
`
}

function addressesOf(client: DeltaClient): Readonly<Record<string, string>> {
  const services = [...client.addresses].flatMap(([name, { type }]) =>
    type.case === 'service' ? [[name, type.value] as const] : [],
  )
  return Object.fromEntries(
    services.map(([name, { addresses }]) => {
      return [name, addresses.map(({ address }) => ipFromOctets(address)).join(' ')]
    }),
  )
}

async function listen(test: TestContext, { plaintext }: ControllerProcess, hosts: number) {
  const client = openDeltaClient(test, plaintext)
  await until(() => Object.keys(addressesOf(client)).length === hosts)
  return addressesOf(client)
}

describe('a controller that is killed', () => {
  it('gives every address again that anybody heard of, with its state or with what follows from the files', async (test) => {
    const [sources, stateFolder] = [await temporaryFolder(test), await temporaryFolder(test)]
    const put = (name: string, addresses?: readonly string[]) =>
      writeAtomically(join(sources, `${name}.yaml`), entry(name, addresses))
    await put('c')
    await put('x', ['192.0.2.7'])
    const first = await startControllerProcess(test, { sources, stateFolder })
    const client = openDeltaClient(test, first.plaintext)
    for (const name of ['b', 'a', 'd']) await put(name)
    await until(() => client.addresses.has('default/a.test'))
    assert.equal(await first.end('SIGKILL'), null)
    const heard = addressesOf(client)
    assert.equal(heard['default/c.test'], '240.240.0.1 2001:2::1')

    const second = await startControllerProcess(test, { sources, stateFolder })
    const again = await listen(test, second, 5)
    for (const [name, address] of Object.entries(heard)) assert.equal(again[name], address, name)
    assert.equal(await second.end('SIGTERM'), 0)

    await rm(stateFolder, { recursive: true })
    const third = await startControllerProcess(test, { sources, stateFolder })
    assert.deepEqual(await listen(test, third, 5), {
      'default/a.test': '240.240.0.1 2001:2::1',
      'default/b.test': '240.240.0.2 2001:2::2',
      'default/c.test': '240.240.0.3 2001:2::3',
      'default/d.test': '240.240.0.4 2001:2::4',
      'default/x.test': '192.0.2.7',
    })
    assert.equal(await third.end('SIGTERM'), 0)
    await third.log.line(/"msg":"no virtual address was recorded: all are given out anew/)
  })
})

describe('a controller that is told', () => {
  it('reads everything again at SIGHUP, and says goodbye at SIGTERM', async (test) => {
    const [sources, stateFolder] = [await temporaryFolder(test), await temporaryFolder(test)]
    await writeAtomically(join(sources, 'a.yaml'), entry('a'))
    const controller = await startControllerProcess(test, { sources, stateFolder })
    const client = openDeltaClient(test, controller.plaintext)
    await until(() => client.addresses.has('default/a.test'))
    controller.tell('SIGHUP')
    await writeAtomically(join(sources, 'b.yaml'), entry('b'))
    await until(() => client.addresses.has('default/b.test'))
    assert.equal(await controller.end('SIGTERM'), 0)
    await controller.log.line(/"msg":"stopping"/)
  })
})

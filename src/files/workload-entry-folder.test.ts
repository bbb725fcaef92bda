import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { silentLog } from '../base/log.ts'
import { registrant, workloadGroup } from '../testing/registration.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { checkRegistrant } from '../translate/registration/check-registrant.ts'
import { entryOfGroup } from '../translate/registration/registered-entry.ts'
import { WorkloadEntryFolder } from './workload-entry-folder.ts'

const group = workloadGroup({
  template: { serviceAccount: 'ratings', ports: { http: 8080 }, labels: { app: 'ratings' } },
})
const entry = entryOfGroup(group, checkRegistrant(registrant()), {
  atMs: 0,
  controller: 'host-1',
})

async function openFolder(test: TestContext) {
  const path = join(await temporaryFolder(test), 'entries')
  const folder = await WorkloadEntryFolder.open(path, silentLog)
  assert.deepEqual(await folder.load(), [])
  return { path, folder }
}

describe('WorkloadEntryFolder', () => {
  it('keeps an entry as YAML that a person can read', async (test) => {
    const { path, folder } = await openFolder(test)
    await folder.put(entry)
    assert.equal(
      await readFile(join(path, 'shop', 'vms-10.0.0.7.yaml'), 'utf8'),
      `apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata:
  name: vms-10.0.0.7
  namespace: shop
  creationTimestamp: 1970-01-01T00:00:00.000Z
  labels:
    app: ratings
  annotations:
    istio.io/autoRegistrationGroup: vms
    istio.io/workloadController: host-1
    istio.io/connectedAt: 1970-01-01T00:00:00.000Z
  ownerReferences:
    - apiVersion: networking.istio.io/v1
      kind: WorkloadGroup
      name: vms
      controller: true
spec:
  address: 10.0.0.7
  ports:
    http: 8080
  serviceAccount: ratings
`,
    )
    assert.deepEqual(await folder.load(), [entry])
  })

  it('keeps them for the owner alone', async (test) => {
    const { path, folder } = await openFolder(test)
    await folder.put(entry)
    assert.equal((await stat(path)).mode & 0o777, 0o700)
    assert.equal((await stat(join(path, 'shop', 'vms-10.0.0.7.yaml'))).mode & 0o777, 0o600)
  })

  it('removes an entry, also one that is not there', async (test) => {
    const { path, folder } = await openFolder(test)
    await folder.put(entry)
    await folder.drop(entry.metadata)
    await folder.drop(entry.metadata)
    assert.deepEqual(await readdir(join(path, 'shop')), [])
  })

  it('keeps apart names that are as long as names may be', async (test) => {
    const { folder } = await openFolder(test)
    const names = ['a', 'b'].map((first) => `${first}${'x'.repeat(252)}`)
    const entries = names.map((name) => ({ ...entry, metadata: { ...entry.metadata, name } }))
    for (const one of entries) await folder.put(one)
    const loaded = await folder.load()
    assert.deepEqual(loaded.map(({ metadata }) => metadata.name).sort(), names)
  })

  it('says so when it cannot be made', async (test) => {
    const path = join(await temporaryFolder(test), 'file')
    await writeFile(path, '')
    const opened = WorkloadEntryFolder.open(join(path, 'entries'), silentLog)
    await assert.rejects(opened, { code: 'FILES_ENTRY_FOLDER' })
  })

  it('leaves alone what is no entry of ours', async (test) => {
    const { path, folder } = await openFolder(test)
    await mkdir(join(path, 'shop'))
    const strange = ['a: [', 'kind: WorkloadEntry', '{}', 'kind: WorkloadEntry\nspec: {}\n']
    for (const [at, text] of strange.entries()) {
      await writeFile(join(path, 'shop', `${at}.yaml`), text)
    }
    await folder.put(entry)
    const text = await readFile(join(path, 'shop', 'vms-10.0.0.7.yaml'), 'utf8')
    await writeFile(join(path, 'shop', 'copy.yaml'), text)
    assert.deepEqual(await folder.load(), [entry])
    assert.equal((await readdir(join(path, 'shop'))).length, 6)
  })
})

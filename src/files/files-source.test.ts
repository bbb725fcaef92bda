import assert from 'node:assert/strict'
import { appendFile, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { Health } from '../base/health.ts'
import { silentLog } from '../base/log.ts'
import { writeAtomically } from '../base/write-atomically.ts'
import { describeSource } from '../registry/source.case.ts'
import { entryYaml } from '../testing/entry-yaml.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { until } from '../testing/until.ts'
import { startFilesSource } from './files-source.ts'
import { FilesOptions } from './options.ts'

describeSource('FilesSource', async (test) => {
  const folder = await temporaryFolder(test)
  const { source } = await start(test, [folder])
  const addService = (host: string) => writeFile(join(folder, `${host}.yaml`), yaml(host))
  return { source, addService }
})

describe('FilesSource, followed', () => {
  it('takes a file that is written in place', async (test) => {
    const file = join(await temporaryFolder(test), 'a.yaml')
    await writeFile(file, yaml('one.test'))
    const { hosts } = await start(test, [file])
    await appendFile(file, `---\n${yaml('two.test')}`)
    await until(() => hosts() === 'one.test two.test')
  })

  it('takes a file that replaces another by a rename, as editors do', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'a.yaml'), yaml('one.test'))
    const { hosts } = await start(test, [folder])
    await writeAtomically(join(folder, 'a.yaml'), yaml('two.test'))
    await until(() => hosts() === 'two.test')
  })

  it('takes the swap of a ConfigMap', async (test) => {
    const folder = await temporaryFolder(test)
    await layOutConfigMap(folder, '..2026_01', yaml('one.test'))
    const { hosts } = await start(test, [folder])
    assert.equal(hosts(), 'one.test')
    await layOutConfigMap(folder, '..2026_02', yaml('two.test'))
    await rm(join(folder, '..2026_01'), { recursive: true })
    await until(() => hosts() === 'two.test')
    await layOutConfigMap(folder, '..2026_03', yaml('three.test'))
    await until(() => hosts() === 'three.test')
  })

  it('waits for a folder that does not exist yet, with a finding and a health item', async (test) => {
    const folder = join(await temporaryFolder(test), 'later/config')
    const { source, health, hosts } = await start(test, [folder])
    assert.deepEqual(
      source.findings().map(({ code, file }) => ({ code, file })),
      [{ code: 'FILE_MISSING', file: folder }],
    )
    assert.equal(health.items()[0]?.code, 'FILES_UNREADABLE')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'a.yaml'), yaml('one.test'))
    await until(() => hosts() === 'one.test')
    assert.deepEqual(source.findings(), [])
    assert.deepEqual(health.items(), [])
  })

  it('goes on with a folder that is deleted and made again', async (test) => {
    const folder = join(await temporaryFolder(test), 'config')
    await mkdir(folder)
    await writeFile(join(folder, 'a.yaml'), yaml('one.test'))
    const { hosts } = await start(test, [folder])
    await rm(folder, { recursive: true })
    await until(() => hosts() === '')
    await mkdir(folder)
    await writeFile(join(folder, 'a.yaml'), yaml('two.test'))
    await until(() => hosts() === 'two.test')
  })

  it('finds files in new folders below, and drops the objects of a file that goes', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'a.yaml'), yaml('one.test'))
    const { hosts } = await start(test, [folder])
    await mkdir(join(folder, 'deep/down'), { recursive: true })
    await writeFile(join(folder, 'deep/down/b.json'), JSON.stringify({}))
    await writeFile(join(folder, 'deep/down/c.yml'), yaml('two.test'))
    await until(() => hosts() === 'one.test two.test')
    await unlink(join(folder, 'a.yaml'))
    await until(() => hosts() === 'two.test')
  })

  it('keeps the last good version of a bad object until it is mended', async (test) => {
    const file = join(await temporaryFolder(test), 'a.yaml')
    await writeFile(file, yaml('one.test'))
    const { hosts, health, source } = await start(test, [file])
    await writeAtomically(file, entryYaml({ name: 'one.test', hosts: ['not a host'] }))
    await until(() => health.items().length > 0)
    assert.equal(hosts(), 'one.test')
    const [item] = health.items()
    assert.equal(item?.code, 'FILES_OBJECT_REFUSED')
    assert.ok(item?.detail.startsWith(`${file}:`), item?.detail)
    assert.equal(source.findings()[0]?.severity, 'error')
    await writeAtomically(file, entryYaml({ name: 'one.test', hosts: ['two.test'] }))
    await until(() => hosts() === 'two.test')
    assert.deepEqual(health.items(), [])
  })

  it('keeps everything of a file that turns into something else than text', async (test) => {
    const file = join(await temporaryFolder(test), 'a.yaml')
    await writeFile(file, yaml('one.test'))
    const { hosts, health } = await start(test, [file])
    await writeAtomically(file, '\u007fELF\0\0')
    await until(() => health.items().length > 0)
    assert.equal(hosts(), 'one.test')
  })

  it('takes the first of two objects alike, and says so', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'a.yaml'), entryYaml({ name: 'web', hosts: ['first.test'] }))
    await writeFile(join(folder, 'b.yaml'), entryYaml({ name: 'web', hosts: ['second.test'] }))
    const { hosts, source } = await start(test, [folder])
    assert.equal(hosts(), 'first.test')
    const [finding] = source.findings()
    assert.equal(finding?.severity, 'warning')
    assert.equal(finding?.file, join(folder, 'b.yaml'))
    await unlink(join(folder, 'a.yaml'))
    await until(() => hosts() === 'second.test')
  })

  it('tells of Sidecars when they are others, and of nothing else', async (test) => {
    const folder = await temporaryFolder(test)
    await writeFile(join(folder, 'a.yaml'), yaml('one.test'))
    const { source } = await start(test, [folder])
    const told: boolean[] = []
    source.follow(({ sidecars }) => told.push(sidecars))
    const namespaces = () => source.sidecars().map(({ egress: [first] }) => first?.namespace)
    await writeFile(join(folder, 'b.yaml'), sidecarYaml('ns1'))
    await source.reload()
    assert.deepEqual(namespaces(), ['ns1'])
    await writeFile(join(folder, 'a.yaml'), yaml('two.test'))
    await source.reload()
    await unlink(join(folder, 'b.yaml'))
    await source.reload()
    assert.deepEqual(namespaces(), [])
    assert.deepEqual(told, [true, false, true])
  })
})

function sidecarYaml(namespace: string): string {
  return `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default }
spec: { egress: [{ hosts: [${namespace}/*] }] }
`
}

function yaml(host: string): string {
  return entryYaml({ name: host, hosts: [host] })
}

/** Files as the kubelet lays them out: links through `..data`, which is swapped by a rename. */
async function layOutConfigMap(folder: string, version: string, text: string): Promise<void> {
  await mkdir(join(folder, version))
  await writeFile(join(folder, version, 'a.yaml'), text)
  await symlink(version, join(folder, '..data_tmp'))
  await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  await symlink('..data/a.yaml', join(folder, 'a.yaml')).catch(() => {})
}

async function start(test: TestContext, paths: readonly string[]) {
  const health = new Health()
  const ports = { clock: systemClock, health, log: silentLog }
  const files = FilesOptions.parse({ settleMs: 5, pollMs: 3_600_000 })
  const options = {
    paths,
    files,
    parse: { defaultNamespace: 'default' },
    translate: { clusterDomain: 'cluster.local', defaultExportTo: ['*'], autoAllocate: true },
  }
  const source = await startFilesSource(options, ports)
  test.after(() => source.stop())
  const hosts = () => [...source.services().keys()].sort().join(' ')
  return { source, health, hosts }
}

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type InstallConfig, readInstallConfig } from '../../config/install-config.ts'
import { definitions } from './definitions/definitions.ts'
import { manifestText, objectText } from './manifest-text.ts'
import { allManifests, renderManifests } from './render/manifests.ts'

const definitionFolder = join(import.meta.dirname, '../../../packaging/kubernetes/definitions')
const cases = join(import.meta.dirname, 'golden')

/** Compares with a committed file, or rewrites it. */
function compare(path: string, text: string): void {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, text)
  assert.equal(text, readFileSync(path, 'utf8'), path)
}

function configOf(name: string): InstallConfig {
  const file = join(cases, name, 'iop.yaml')
  const files = [{ file, text: readFileSync(file, 'utf8') }]
  const { config, findings } = readInstallConfig({ files, sets: [], target: 'cluster' })
  assert.ok(config, JSON.stringify(findings))
  assert.deepEqual(findings, [], 'everything in these has an effect')
  return config
}

describe('packaging/kubernetes/definitions', () => {
  for (const [plural, definition] of definitions) {
    it(`has ${plural} as we define them`, () => {
      compare(join(definitionFolder, `${plural}.yaml`), objectText(definition))
    })
  }

  it('has nothing else', () => {
    const want = [...definitions.keys()].map((plural) => `${plural}.yaml`)
    assert.deepEqual(readdirSync(definitionFolder).toSorted(), want.toSorted())
  })
})

describe('what is applied to a cluster', () => {
  for (const name of readdirSync(cases)) {
    it(`is, of golden/${name}/iop.yaml, manifests.yaml and the definitions`, () => {
      const manifests = renderManifests(configOf(name), '1.2.3')
      const all = allManifests(manifests)
      const others = all.filter(({ kind }) => kind !== 'CustomResourceDefinition')
      assert.equal(all.length - others.length, definitions.size)
      const unwanted = manifests.unwanted.map((one) => `# Not wanted: ${one.kind} ${one.name}\n`)
      compare(join(cases, name, 'manifests.yaml'), manifestText(others) + unwanted.join(''))
    })
  }
})

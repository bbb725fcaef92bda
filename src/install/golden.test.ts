import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { readMeshConfig } from '../config/read-mesh-config.ts'
import { readDocuments } from '../documents/documents.ts'
import { parseObject } from '../translate/parse-object.ts'
import { groupProxyConfig, onboardingGroup } from './onboarding/group.ts'
import type { OnboardingWishes } from './onboarding/onboarding.ts'
import { type OnboardingTexts, renderOnboarding } from './onboarding/render.ts'

const folder = join(import.meta.dirname, 'golden')

function read(name: string, file: string): string {
  return readFileSync(join(folder, name, file), 'utf8')
}

/** What a machine is given: the inputs are files of the case's folder. */
function renderCase(name: string): OnboardingTexts {
  const objects = ['workloadgroup.yaml', 'proxyconfigs.yaml']
    .filter((file) => existsSync(join(folder, name, file)))
    .flatMap((file) => readDocuments(read(name, file), file).documents)
    .flatMap((document) => parseObject(document, { defaultNamespace: 'default' }).object ?? [])
  const [group] = objects
  assert.ok(group?.kind === 'WorkloadGroup')
  const { mesh } = readMeshConfig(read(name, 'meshconfig.yaml'), 'meshconfig.yaml')
  assert.ok(mesh)
  return renderOnboarding({
    group: onboardingGroup(group, ''),
    proxyConfig: groupProxyConfig(group, mesh, objects),
    trustDomain: mesh.trustDomain,
    registryOnly: mesh.outboundTrafficPolicy === 'REGISTRY_ONLY',
    wishes: {
      clusterId: 'Kubernetes',
      revision: '',
      istioNamespace: 'istio-system',
      captureDns: true,
      autoRegister: false,
      ...(parse(read(name, 'wishes.yaml')) as Partial<OnboardingWishes>),
    },
  })
}

describe('the files of a machine', () => {
  for (const name of readdirSync(folder)) {
    it(`are those of golden/${name}/out`, () => {
      const out = join(folder, name, 'out')
      for (const [file, text] of Object.entries(renderCase(name))) {
        if (process.env['UPDATE_GOLDEN'] === '1') {
          mkdirSync(out, { recursive: true })
          writeFileSync(join(out, file), text as string)
        }
        assert.equal(text, readFileSync(join(out, file), 'utf8'), file)
      }
    })
  }
})

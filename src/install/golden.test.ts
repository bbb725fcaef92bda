import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parse } from 'yaml'
import { readDocuments } from '../documents/documents.ts'
import { parseObject } from '../translate/parse-object.ts'
import { onboardingGroup } from './onboarding/group.ts'
import type { OnboardingMesh, OnboardingWishes } from './onboarding/onboarding.ts'
import { type OnboardingTexts, renderOnboarding } from './onboarding/render.ts'

const folder = join(import.meta.dirname, 'golden')

function read(name: string, file: string): string {
  return readFileSync(join(folder, name, file), 'utf8')
}

/** What a machine is given: the inputs are three files of the case's folder. */
function renderCase(name: string): OnboardingTexts {
  const [document] = readDocuments(read(name, 'workloadgroup.yaml'), 'workloadgroup.yaml').documents
  const group = document && parseObject(document, { defaultNamespace: 'default' }).object
  assert.ok(group?.kind === 'WorkloadGroup')
  const { trustDomain = '', defaultConfig = {} } = parse(
    read(name, 'meshconfig.yaml'),
  ) as Partial<OnboardingMesh>
  const wishes: OnboardingWishes = {
    clusterId: '',
    revision: '',
    istioNamespace: 'istio-system',
    captureDns: true,
    autoRegister: false,
    ...(parse(read(name, 'wishes.yaml')) as Partial<OnboardingWishes>),
  }
  return renderOnboarding({
    group: onboardingGroup(group),
    mesh: { trustDomain, defaultConfig },
    wishes,
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

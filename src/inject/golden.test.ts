import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { stringify } from 'yaml'
import { jsonPatch } from '../documents/json-patch.ts'
import { readInjectionCase } from '../testing/injection-case.ts'
import { injectPod } from './inject-pod.ts'
import { listOf, type Pod, specOf } from './pod-parts.ts'

const folder = join(import.meta.dirname, 'golden')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.in.yaml'))
  .map((file) => file.slice(0, -'.in.yaml'.length))

/** As another webhook would, after our first pass. */
function withContainer(pod: Pod): Pod {
  const [first, second] = [{ name: 'late-init' }, { name: 'late' }]
  const initContainers = [first, ...listOf(pod, 'initContainers')]
  const containers = [second, ...listOf(pod, 'containers')]
  return { ...pod, spec: { ...specOf(pod), initContainers, containers } }
}

describe('injectPod', () => {
  for (const name of names) {
    const file = join(folder, `${name}.in.yaml`)
    const request = readInjectionCase(readFileSync(file, 'utf8'), `${name}.in.yaml`)

    it(`makes of ${name}.in.yaml what ${name}.out.yaml says`, () => {
      const got = stringify(injectPod(request), { aliasDuplicateObjects: false, lineWidth: 0 })
      const out = join(folder, `${name}.out.yaml`)
      if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(out, got)
      assert.equal(got, readFileSync(out, 'utf8'))
    })

    it(`changes nothing in a second pass over ${name}.out.yaml`, () => {
      const first = injectPod(request)
      if (first.kind !== 'injected') return
      const second = injectPod({ ...request, pod: first.pod })
      assert.ok(second.kind === 'injected')
      assert.deepEqual(jsonPatch(first.pod, second.pod), [])
    })

    it(`keeps its place in ${name}.out.yaml when others add containers`, () => {
      const first = injectPod(request)
      if (first.kind !== 'injected') return
      const second = injectPod({ ...request, pod: withContainer(first.pod) })
      assert.ok(second.kind === 'injected')
      const third = injectPod({ ...request, pod: second.pod })
      assert.deepEqual(third, second)
      const paths = jsonPatch(withContainer(first.pod), second.pod).map(({ path }) => path)
      for (const path of paths) assert.match(path, /^\/spec\/(initContainers|containers)$/)
      const order = (pod: Pod) =>
        [...listOf(pod, 'initContainers'), ...listOf(pod, 'containers')]
          .map((one) => one.name)
          .filter((one) => !one.startsWith('late'))
      assert.deepEqual(order(second.pod), order(first.pod))
    })
  }

  it('has an input for every golden output', () => {
    const outputs = readdirSync(folder).filter((file) => file.endsWith('.out.yaml'))
    assert.deepEqual(
      outputs.map((file) => file.slice(0, -'.out.yaml'.length)).sort(),
      names.toSorted(),
    )
  })
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { exitCodes } from '../../src/cli/exit-codes.ts'
import type { Finding } from '../../src/documents/finding.ts'
import { validate } from '../../src/testing/validate.ts'
import { addressCases } from '../../src/translate/service-entry/address.case.ts'
import { endpointCases } from '../../src/translate/service-entry/endpoint.case.ts'
import { hostCases } from '../../src/translate/service-entry/host.case.ts'
import { portCases } from '../../src/translate/service-entry/port.case.ts'
import { resolutionCases } from '../../src/translate/service-entry/resolution.case.ts'
import type { RuleCase } from '../../src/translate/service-entry/rule.case.ts'
import { selectorCases } from '../../src/translate/service-entry/selector.case.ts'
import { visibilityCases } from '../../src/translate/service-entry/visibility.case.ts'

/** All rules of ServiceEntries that the command line can show, by the name of their file. */
const cases = new Map(
  [
    hostCases,
    addressCases,
    portCases,
    resolutionCases,
    endpointCases,
    selectorCases,
    visibilityCases,
  ]
    .flat()
    .filter(({ autoAllocate = true }) => autoAllocate)
    .map((one, at) => [`case-${at}.yaml`, one]),
)

/** Lines 1 to 4 of the object; a case's spec begins in line 5, two columns in. */
function objectOf({ spec, labels = {} }: RuleCase, file: string): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${file.replace('.yaml', '')}, namespace: ns1, labels: ${JSON.stringify(labels)} }
spec:
${spec.replace(/^/gm, '  ')}
`
}

/** The first case in which nothing but this code is found, so that the verdict is its own. */
function caseOf(code: string): readonly [string, RuleCase] {
  const found = [...cases].find(
    ([, { want }]) => want.length > 0 && want.every((one) => one.startsWith(`${code} `)),
  )
  assert.ok(found, `no case for ${code} alone`)
  return found
}

const errors = Array.from({ length: 19 }, (_, at) => `E${at + 1}`)
const warnings = Array.from({ length: 6 }, (_, at) => `W${at + 1}`)

describe('meshdns validate, of ServiceEntries', () => {
  let folder = ''
  let findings: readonly Finding[] = []
  after(() => rmSync(folder, { recursive: true, force: true }))
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshdns-'))
    for (const [file, one] of cases) writeFileSync(join(folder, file), objectOf(one, file))
    const { stdout, stderr, code } = validate(['-f', folder, '-o', 'json'])
    assert.equal(stderr, '')
    assert.equal(code, exitCodes.failed)
    findings = (JSON.parse(stdout) as { findings: readonly Finding[] }).findings
  })

  for (const [file, { name, want }] of cases) {
    it(`says where and what: ${file}, ${name}`, () => {
      const got = findings
        // What two files say of one host is not the subject here.
        .filter((finding) => finding.file === join(folder, file) && finding.code !== 'IST0177')
        .map(({ code, path, line, column }) => `${code} ${path} ${line}:${column}`)
      assert.deepEqual(got.sort(), want.toSorted())
    })
  }

  it('prints file:line:column, the code, the object, the place in it and a hint', () => {
    const files = [...errors, ...warnings].map((code) => [code, ...caseOf(code)] as const)
    const argv = files.flatMap(([, file]) => ['-f', join(folder, file)])
    const { stdout, code } = validate(argv)
    assert.equal(code, exitCodes.failed)
    const lines = stdout.split('\n')
    for (const [rule, file, { want }] of files) {
      const [, path = '', place = ''] = want[0]?.split(' ') ?? []
      const severity = rule.startsWith('E') ? 'error' : 'warning'
      const subject = `ServiceEntry ns1/${file.replace('.yaml', '')} ${path}`
      const start = `${join(folder, file)}:${place}: ${severity}[${rule}]: ${subject}: `
      const at = lines.findIndex((line) => line.startsWith(start))
      assert.ok(at >= 0, `no line begins with ${start}`)
      assert.match(lines[at + 1] ?? '', /^ {2}hint: \w/)
    }
    assert.match(stdout, /\n25 objects, \d+ services?, \d+ errors, \d+ warnings, 0 notices\n$/)
  })

  it('ends with 0 when there are only warnings, with 1 when they count as errors', () => {
    const argv = warnings.flatMap((code) => ['-f', join(folder, caseOf(code)[0])])
    assert.equal(validate(argv).code, exitCodes.done)
    assert.equal(validate([...argv, '--strict']).code, exitCodes.failed)
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments } from '../../documents/documents.ts'
import { parseObject } from '../parse-object.ts'
import { acceptedCases } from './accepted.case.ts'
import { addressCases } from './address.case.ts'
import { endpointCases } from './endpoint.case.ts'
import { hostCases } from './host.case.ts'
import { limitCases } from './limit.case.ts'
import { portCases } from './port.case.ts'
import { resolutionCases } from './resolution.case.ts'
import type { RuleCase } from './rule.case.ts'
import { selectorCases } from './selector.case.ts'
import { visibilityCases } from './visibility.case.ts'

/** Lines 1 to 4 of the object; a case's spec begins in line 5, two columns in. */
function objectOf({ spec, labels = {} }: RuleCase): string {
  const body = spec.split('\n').map((line) => `  ${line}`)
  return [
    'apiVersion: networking.istio.io/v1',
    'kind: ServiceEntry',
    `metadata: { name: x, namespace: ns1, labels: ${JSON.stringify(labels)} }`,
    'spec:',
    ...body,
  ].join('\n')
}

/** Each finding as `CODE PATH LINE:COLUMN`. */
function check(one: RuleCase) {
  const { documents, findings } = readDocuments(objectOf(one), 'x.yaml')
  assert.deepEqual(findings, [])
  const [document] = documents
  assert.ok(document)
  return parseObject(document, {
    defaultNamespace: 'default',
    autoAllocate: one.autoAllocate ?? true,
  })
}

const tables: Readonly<Record<string, readonly RuleCase[]>> = {
  hosts: hostCases,
  addresses: addressCases,
  ports: portCases,
  resolution: resolutionCases,
  endpoints: endpointCases,
  workloadSelector: selectorCases,
  exportTo: visibilityCases,
  'limits and shape': limitCases,
  'what is accepted': acceptedCases,
}

describe('the rules of a ServiceEntry', () => {
  for (const [table, cases] of Object.entries(tables)) {
    describe(table, () => {
      for (const one of cases) {
        it(one.name, () => {
          const { object, findings } = check(one)
          const got = findings.map(
            ({ code, path, line, column }) => `${code} ${path} ${line}:${column}`,
          )
          assert.deepEqual(got, one.want)
          const hasError = findings.some(({ severity }) => severity === 'error')
          assert.equal(object === undefined, hasError)
        })
      }
    })
  }

  it('have a case for each error and warning', () => {
    const codes = new Set(
      Object.values(tables)
        .flat()
        .flatMap(({ want }) => want.map((text) => text.split(' ')[0])),
    )
    const expected = [
      ...Array.from({ length: 19 }, (_, index) => `E${index + 1}`),
      ...Array.from({ length: 6 }, (_, index) => `W${index + 1}`),
    ]
    assert.deepEqual(
      expected.filter((code) => !codes.has(code)),
      [],
    )
  })

  it('call errors and warnings by their letters', () => {
    for (const one of Object.values(tables).flat()) {
      for (const { code, severity, message } of check(one).findings) {
        if (/^E\d/.test(code)) assert.equal(severity, 'error', message)
        if (/^W\d/.test(code)) assert.equal(severity, 'warning', message)
      }
    }
  })

  it('give a hint with every error that has a number', () => {
    for (const one of Object.values(tables).flat()) {
      for (const { code, hint, message } of check(one).findings) {
        if (/^[EW]\d/.test(code) && !message.includes('label')) assert.ok(hint, message)
      }
    }
  })
})

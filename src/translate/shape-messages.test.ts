import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readDocuments } from '../documents/documents.ts'
import { parseObject } from './parse-object.ts'

interface Case {
  readonly name: string
  readonly spec: string
  readonly message: string
  readonly hint?: string
}

const cases: readonly Case[] = [
  {
    name: 'a misspelt field',
    spec: '{ hosts: [a.test], expotTo: [.] }',
    message: 'there is no field "expotTo" here; it is ignored',
    hint: 'Did you mean "exportTo"?',
  },
  {
    name: 'a field that resembles none',
    spec: '{ hosts: [a.test], workloadSelector: { labels: { a: b }, replicas: 1 } }',
    message: 'there is no field "replicas" here; it is ignored',
    hint: 'The fields are: labels.',
  },
  {
    name: 'a number where a text must be',
    spec: '{ hosts: [10] }',
    message: 'must be a text, not 10',
    hint: 'Put it in quotes: "10".',
  },
  {
    name: 'a text where a number must be',
    spec: '{ hosts: [a.test], ports: [{ number: "80", name: a }] }',
    message: 'must be a number, not "80"',
    hint: 'Remove the quotes: 80.',
  },
  {
    name: 'a map where a list must be',
    spec: '{ hosts: {} }',
    message: 'must be a list, not a map',
  },
  { name: 'a text where a map must be', spec: 'text', message: 'must be a map, not "text"' },
  { name: 'nothing where a text must be', spec: '{ hosts: [null] }', message: 'a text is missing' },
  {
    name: 'a list where name or number must be',
    spec: '{ hosts: [a.test], resolution: [] }',
    message: 'must not be a list',
  },
  {
    name: 'a long text, shortened',
    spec: `{ hosts: "${'x'.repeat(100)}" }`,
    message: `must be a list, not "${'x'.repeat(40)}…"`,
  },
  {
    name: 'too long a text',
    spec: `{ hosts: [a.test], addresses: ["${'1'.repeat(65)}"] }`,
    message: 'is too large: at most 64 characters',
  },
  {
    name: 'a number out of range',
    spec: '{ hosts: [a.test], resolution: STATIC, endpoints: [{ address: 1.2.3.4, weight: 4294967296 }] }',
    message: 'is too large: at most 4294967295',
  },
]

describe('what is said of shapes', () => {
  for (const { name, spec, message, hint } of cases) {
    it(`names ${name}`, () => {
      const text = `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: { name: x }\nspec: ${spec}`
      const [document] = readDocuments(text, 'x.yaml').documents
      assert.ok(document)
      const [finding] = parseObject(document, { defaultNamespace: 'default' }).findings
      assert.equal(finding?.message, message)
      assert.equal(finding?.hint, hint)
    })
  }
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readReview, reviewAnswer } from './review.ts'

const request = {
  uid: 'u-1',
  kind: { group: 'networking.istio.io', version: 'v1', kind: 'ServiceEntry' },
  resource: { group: 'networking.istio.io', version: 'v1', resource: 'serviceentries' },
  operation: 'CREATE',
  name: 'a',
  namespace: 'shop',
  object: { kind: 'ServiceEntry' },
  oldObject: null,
  dryRun: false,
}

function reviewOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
}

const head = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }

interface Case {
  readonly name: string
  readonly review: unknown
  readonly want: RegExp
}

const faults: readonly Case[] = [
  { name: 'nothing', review: '', want: /this is no JSON/ },
  { name: 'no JSON', review: '{', want: /this is no JSON/ },
  { name: 'another kind of value', review: [], want: /this is no AdmissionReview: Invalid input/ },
  {
    name: 'an older version',
    review: { ...head, apiVersion: 'admission.k8s.io/v1beta1', request },
    want: /apiVersion: /,
  },
  { name: 'an answer', review: { ...head, response: { uid: 'u' } }, want: /request: / },
  {
    name: 'no uid',
    review: { ...head, request: { ...request, uid: '' } },
    want: /request\.uid: /,
  },
  {
    name: 'an operation that there is not',
    review: { ...head, request: { ...request, operation: 'PATCH' } },
    want: /request\.operation: /,
  },
  {
    name: 'an object that is none',
    review: { ...head, request: { ...request, object: [1] } },
    want: /request\.object: must be an object/,
  },
  {
    name: 'a value that is nested very deep',
    review: `${'['.repeat(500_000)}${']'.repeat(500_000)}`,
    want: /nested deeper than 100 levels/,
  },
]

describe('readReview', () => {
  it('reads what an API server sends', () => {
    const read = readReview(reviewOf({ ...head, request: { ...request, subResource: 'status' } }))
    assert.deepEqual(read, {
      kind: 'request',
      request: {
        uid: 'u-1',
        group: 'networking.istio.io',
        version: 'v1',
        kind: 'ServiceEntry',
        subresource: 'status',
        name: 'a',
        namespace: 'shop',
        operation: 'CREATE',
        object: { kind: 'ServiceEntry' },
        dryRun: false,
      },
    })
  })

  for (const { name, review, want } of faults) {
    it(`says what is wrong with ${name}`, () => {
      const read = readReview(reviewOf(review))
      assert.equal(read.kind, 'fault')
      assert.match(read.kind === 'fault' ? read.message : '', want)
    })
  }

  it('says so when octets are no text', () => {
    assert.equal(readReview(Uint8Array.of(0xff, 0xfe)).kind, 'fault')
  })

  it('never throws, whatever stands where', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(request)), (value, key) => {
        const { kind } = readReview(reviewOf({ ...head, request: { ...request, [key]: value } }))
        assert.ok(kind === 'request' || kind === 'fault')
      }),
    )
  })
})

describe('reviewAnswer', () => {
  it('says why an object is refused', () => {
    const answer = reviewAnswer('u', { allowed: false, message: 'no', warnings: ['w'] })
    assert.deepEqual(answer, {
      ...head,
      response: { uid: 'u', allowed: false, warnings: ['w'], status: { code: 400, message: 'no' } },
    })
  })

  it('carries a patch', () => {
    const patch = [{ op: 'add', path: '/a', value: 1 }] as const
    const { response } = reviewAnswer('u', { allowed: true, patch })
    const { patchType, patch: text } = response as { patchType: string; patch: string }
    assert.equal(patchType, 'JSONPatch')
    assert.deepEqual(JSON.parse(Buffer.from(text, 'base64').toString()), patch)
  })

  it('leaves out a patch without steps', () => {
    const answer = reviewAnswer('u', { allowed: true, patch: [] })
    assert.deepEqual(answer['response'], { uid: 'u', allowed: true })
  })
})

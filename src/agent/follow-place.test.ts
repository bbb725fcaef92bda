import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Place } from '../registry/nearness.ts'
import { followPlace } from './follow-place.ts'
import { AgentOptions } from './options.ts'

const facts = { domain: 'a.b', namespaces: new Set(['x']), complete: true }

/** Places that routes heard of, while the controller says one locality after the other; `undefined` while it is away. */
function placesOf(given: object, localities: readonly (string | undefined)[]): readonly Place[] {
  const heard: Place[] = []
  const followers: (() => void)[] = []
  let locality: string | undefined
  followPlace(
    AgentOptions.parse(given),
    {
      clusterFacts: () =>
        locality === undefined
          ? undefined
          : { ...facts, unknownServices: new Set<string>(), ...(locality ? { locality } : {}) },
      followClusterFacts: (onChange) => followers.push(onChange),
    },
    { setPlace: (place) => heard.push(place) },
  )
  for (const next of localities) {
    locality = next
    for (const onChange of followers) onChange()
  }
  return heard
}

interface Case {
  readonly name: string
  readonly options: object
  readonly says: readonly (string | undefined)[]
  readonly want: readonly Place[]
}

const cases: readonly Case[] = [
  { name: 'nowhere when nobody says it', options: {}, says: [], want: [{}] },
  {
    name: 'where the options say, whatever a controller says',
    options: { locality: 'r/z', network: 'nw', node: { name: 'n1' } },
    says: ['other/other'],
    want: [{ locality: 'r/z', network: 'nw', node: 'n1' }],
  },
  {
    name: 'where its labels say',
    options: { labels: ['istio-locality=r.z'] },
    says: ['other/other'],
    want: [{ locality: 'r/z' }],
  },
  {
    name: 'where the controller says, also while there is none',
    options: { node: { name: 'n1' } },
    says: ['r/z', undefined, 'r/z', 'r/y'],
    want: [{ node: 'n1' }, { node: 'n1', locality: 'r/z' }, { node: 'n1', locality: 'r/y' }],
  },
  { name: 'nowhere with a controller that does not know', options: {}, says: [''], want: [{}] },
]

describe('followPlace', () => {
  for (const { name, options, says, want } of cases) {
    it(`is ${name}`, () => {
      assert.deepEqual(placesOf(options, says), want)
    })
  }
})

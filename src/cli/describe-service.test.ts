import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatPlace } from './describe-service.ts'
import { formatExplanation } from './explanation.ts'

const origin = { kind: 'ServiceEntry', namespace: 'default', name: 'auto', file: 'a.yaml', line: 3 }

/** As objects of a cluster have it. */
const inCluster = { ...origin, file: 'cluster', line: 0 }

describe('formatPlace', () => {
  it('says file and line', () => assert.equal(formatPlace(origin), 'a.yaml:3'))

  it('says the object where there is no file', () => {
    assert.equal(formatPlace(inCluster), 'ServiceEntry default/auto')
  })
})

describe('formatExplanation', () => {
  it('does not say a place twice', () => {
    const [place, text] = [formatPlace(inCluster), 'ServiceEntry default/auto']
    const facts = [
      { topic: 'declared by', text, place },
      { topic: 'connection', text: 'port 80: carried to 192.0.2.1:80', place },
    ] as const
    assert.equal(
      formatExplanation({ subject: 'auto.internal', verdict: 'answered', facts }),
      `auto.internal: answered
  declared by  ServiceEntry default/auto
  connection   port 80: carried to 192.0.2.1:80 (ServiceEntry default/auto)
`,
    )
  })
})

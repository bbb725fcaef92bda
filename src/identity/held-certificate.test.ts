import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { spkiOf, startIdentityRig, workload } from '../testing/identity-rig.ts'
import { readAnswer } from './held-certificate.ts'
import { createPrivateKey } from './key-pair.ts'
import { createOwnRoot } from './own-root.ts'

type Answer = readonly string[]

interface Case {
  readonly name: string
  readonly spoil: (
    answer: Answer,
    others: { readonly root: string; readonly leaf: string },
  ) => Answer
  readonly want: RegExp
}

const cases: readonly Case[] = [
  { name: 'nothing', spoil: () => [], want: /fewer than two parts/ },
  { name: 'no root', spoil: ([leaf = '']) => [leaf], want: /fewer than two parts/ },
  { name: 'garbage', spoil: () => ['x', 'y'], want: /not for the key of the request/ },
  {
    name: 'the certificate of another key',
    spoil: ([, roots = ''], { leaf }) => [leaf, roots],
    want: /not for the key of the request/,
  },
  {
    name: 'a root that does not vouch for it',
    spoil: ([leaf = ''], { root }) => [leaf, root],
    want: /does not lead to the root/,
  },
]

describe('the answer of a CA', () => {
  it('is taken when it is for our key and leads to its root', async (test) => {
    const { ca } = await startIdentityRig(test)
    const key = await createPrivateKey()
    const subject = { kind: 'workload', identity: workload } as const
    const { leaf, roots } = await ca.issue(subject, spkiOf(key), 60)
    assert.deepEqual(readAnswer([leaf, roots], key).held.identity, workload)
  })

  for (const { name, spoil, want } of cases) {
    it(`is refused when it is ${name}`, async (test) => {
      const { ca, clock } = await startIdentityRig(test)
      const key = await createPrivateKey()
      const subject = { kind: 'workload', identity: workload } as const
      const { leaf, roots } = await ca.issue(subject, spkiOf(key), 60)
      const other = await ca.issue(subject, spkiOf(await createPrivateKey()), 60)
      const { certificate: root } = await createOwnRoot('x', clock.wall())
      const answer = spoil([leaf, roots], { root, leaf: other.leaf })
      assert.throws(() => readAnswer(answer, key), {
        code: 'IDENTITY_ANSWER_UNUSABLE',
        message: want,
      })
    })
  }
})

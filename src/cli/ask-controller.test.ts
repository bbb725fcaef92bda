import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { askEach, askFirst } from './ask-controller.ts'
import type { ControllerPod } from './cluster-controllers.ts'

const page = z.object({ says: z.string() })

/** A controller that is ready, or that ends between the list and the question. */
function podOf(name: string, isThere: boolean): ControllerPod {
  return {
    name,
    place: `pod mesh/${name}`,
    async read() {
      if (!isThere) throw new Error(`${name} is gone`)
      return { status: 200, text: JSON.stringify({ says: name }) }
    },
  }
}

describe('asking the controllers of a cluster', () => {
  const [gone, there] = [podOf('a', false), podOf('b', true)]

  it('goes on to the next one, when the first one has just ended', async () => {
    assert.deepEqual(await askFirst([gone, there], '/page', page), { says: 'b' })
  })

  it('has the answers of all that answer, and says why others do not', async () => {
    const { answers, failures } = await askEach([gone, there], '/page', page)
    assert.deepEqual(answers, [{ controller: 'b', value: { says: 'b' } }])
    assert.deepEqual(failures.map(String), ['Error: a is gone'])
  })

  it('fails as the first one does, when none answers', async () => {
    await assert.rejects(askFirst([gone, podOf('c', false)], '/page', page), /a is gone/)
    await assert.rejects(askEach([gone, podOf('c', false)], '/page', page), /a is gone/)
  })

  it('does not take another page for the one that was asked for', async () => {
    const strange = { ...there, read: async () => ({ status: 200, text: '{}' }) }
    const failure = { code: 'CLI_CONTROLLER_ANSWER' }
    await assert.rejects(askFirst([strange], '/page', page), failure)
  })
})

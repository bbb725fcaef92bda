import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeClock } from '../../../testing/fake-clock.ts'
import { NotInTimeError, Patience } from './patience.ts'

function patienceOf(limitMs: number) {
  const clock = new FakeClock()
  const said: string[] = []
  const pause = async (delayMs: number) => clock.advance(delayMs)
  return { said, patience: new Patience({ clock, limitMs, pause, say: (line) => said.push(line) }) }
}

describe('Patience', () => {
  it('says what it waits for, once', async () => {
    const { said, patience } = patienceOf(10_000)
    let looks = 0
    await patience.until(async () => (looks += 1) > 4, 'for rain')
    assert.deepEqual(said, ['waiting for rain'])
  })

  it('leaves it to whoever says how far it is, and says that once as well', async () => {
    const { said, patience } = patienceOf(10_000)
    let looks = 0
    const isSo = async () => {
      patience.progress(`${looks > 2 ? 1 : 0} of 2 clouds`)
      return (looks += 1) > 4
    }
    await patience.until(isSo, 'for rain')
    assert.deepEqual(said, ['0 of 2 clouds', '1 of 2 clouds'])
  })

  it('ends with the reasons', async () => {
    const { patience } = patienceOf(1_000)
    const why = async () => ['no wind']
    await assert.rejects(
      patience.until(async () => false, 'for rain', why),
      (error) => error instanceof NotInTimeError && /for rain:\n {2}no wind$/.test(error.message),
    )
  })

  it('says where images come from when one cannot be had', () => {
    const { hint } = new NotInTimeError('for pods', ['pod a: ImagePullBackOff: no such image'])
    assert.match(String(hint), /--set hub=/)
    assert.doesNotMatch(String(new NotInTimeError('for pods', ['pod a: OOM']).hint), /hub/)
  })
})

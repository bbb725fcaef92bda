import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { LineLog } from './line-log.ts'

describe('a wait for a line', () => {
  it('ends with the line, however late it is within ten minutes', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const stream = new PassThrough()
    const line = new LineLog(stream).line(/ready/)
    context.mock.timers.tick(599_999)
    stream.write('not yet\nready at last\n')
    assert.equal(await line, 'ready at last')
  })

  for (const { name, end } of [
    { name: 'the stream ends', end: (stream: PassThrough) => void stream.destroy() },
    { name: 'nothing comes for too long', end: () => {} },
  ]) {
    it(`fails with all that was said when ${name}`, async (context) => {
      context.mock.timers.enable({ apis: ['setTimeout'] })
      const stream = new PassThrough()
      const log = new LineLog(stream)
      stream.write('not yet\n')
      await log.line(/yet/)
      const line = log.line(/ready/)
      end(stream)
      if (!stream.destroyed) context.mock.timers.tick(600_000)
      await assert.rejects(line, { message: 'never said /ready/, but:\nnot yet\n' })
    })
  }
})

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, it } from 'node:test'
import { forwardSignals } from './signals.ts'

function forwarded(signal: NodeJS.Signals, isInForeground: boolean): string[] {
  const target = new EventEmitter()
  const sent: string[] = []
  forwardSignals(
    target,
    (one) => sent.push(one),
    () => isInForeground,
  )
  target.emit(signal, signal)
  return sent
}

describe('forwardSignals', () => {
  it('passes on what was sent to us alone', () => {
    assert.deepEqual(forwarded('SIGTERM', true), ['SIGTERM'])
    assert.deepEqual(forwarded('SIGINT', false), ['SIGINT'])
  })

  it('does not send Ctrl-C twice', () => {
    assert.deepEqual(forwarded('SIGINT', true), [])
  })

  it('stops when told to', () => {
    const target = new EventEmitter()
    forwardSignals(target, () => assert.fail())()
    assert.deepEqual(target.eventNames(), [])
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CodedError } from '../base/coded-error.ts'
import { formatError, reportOf } from './print-error.ts'

class SampleError extends CodedError {
  override readonly code = 'SAMPLE'
}

describe('an error on the terminal', () => {
  it('has its code, its causes from near to far, and its hint', () => {
    const cause = new Error('no route', { cause: new Error('link down') })
    const error = new SampleError('nobody answers', { cause, hint: 'Plug it in.' })
    assert.equal(
      formatError(reportOf(error)),
      'error[SAMPLE]: nobody answers\n' +
        '  caused by: no route\n' +
        '  caused by: link down\n' +
        'hint: Plug it in.\n',
    )
  })

  it('that nobody expected is ours, with its stack', () => {
    const text = formatError(reportOf(new TypeError('x is not a function')))
    assert.match(text, /^error\[INTERNAL\]: TypeError: x is not a function\n +at /)
    assert.match(text, /hint: This is a defect of meshdns/)
  })
})

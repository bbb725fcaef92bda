import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import type { LogLevel } from '../base/log.ts'
import { createPlainLog } from './plain-log.ts'

function logged(level: LogLevel, write: (log: ReturnType<typeof createPlainLog>) => void): string {
  const stream = new PassThrough({ encoding: 'utf8' })
  write(createPlainLog(level, stream))
  return (stream.read() as string | null) ?? ''
}

describe('a log for people', () => {
  it('says where, what and why, and what to do on a line of its own', () => {
    const fields = {
      code: 'E5',
      file: 'a.yaml',
      line: 4,
      column: 1,
      reason: 'bad',
      hint: 'Mend it.',
    }
    assert.equal(
      logged('error', (log) => log.error(fields, 'configuration refused')),
      'meshdns: error: configuration refused: a.yaml:4:1: bad (code=E5)\n  hint: Mend it.\n',
    )
  })

  it('tells the causes of an error', () => {
    const error = new Error('no route', { cause: new Error('link down') })
    const text = logged('error', (log) => log.error({ error, port: 80 }, 'not connected'))
    assert.match(text, /^meshdns: error: not connected: no route: link down \(port=80\)\n$/)
  })

  it('leaves out what is below its level', () => {
    const all = (log: ReturnType<typeof createPlainLog>) => {
      for (const level of ['error', 'warn', 'info', 'debug'] as const) log[level]({}, level)
    }
    assert.equal(logged('silent', all), '')
    assert.equal(logged('warn', all), 'meshdns: error: error\nmeshdns: warn: warn\n')
    assert.equal(logged('debug', all).split('\n').length, 5)
  })

  it('lets no data move the cursor of a terminal', () => {
    const text = logged('error', (log) => log.error({ host: '\u001b[2Ja' }, 'lost'))
    assert.equal(text, 'meshdns: error: lost (host=a)\n')
  })
})

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findLogFaults, logFieldNames } from './log-lines.ts'
import { readSources } from './tree.ts'

const sources = readSources()
const names = logFieldNames(sources.find(({ path }) => path === 'src/base/log.ts')?.text ?? '')

function faultsOf(text: string): string[] {
  return findLogFaults([{ path: 'src/serve/a.ts', text }], names)
}

describe('the log lines', () => {
  it('have fields of the one list, and constant messages', () => {
    assert.ok(names.has('server') && names.size > 10)
    assert.deepEqual(findLogFaults(sources, names), [])
  })
})

describe('findLogFaults', () => {
  it('names a field that is not on the list', () => {
    assert.deepEqual(faultsOf("\nlog.info({ server, ip }, 'upstream back')"), [
      'src/serve/a.ts:2: the field ip is not in LogFields',
    ])
  })

  it('names a message that is put together', () => {
    const want = ['src/serve/a.ts:1: the message is not one constant text in lower case']
    assert.deepEqual(faultsOf('this.#log.warn({ server }, `upstream ${server}`)'), want)
    assert.deepEqual(faultsOf("log.warn({ server }, 'Upstream back')"), want)
  })

  it('lets a proper line pass', () => {
    assert.deepEqual(
      faultsOf("ports.log.warn(\n  { server, attempts: 2 },\n  'upstream back',\n)"),
      [],
    )
  })
})

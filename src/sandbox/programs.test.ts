import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { CommandNotFoundError, findCommand, findSystemProgram } from './programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'meshdns-programs-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'tool'), '#!/bin/sh\n')
chmodSync(join(folder, 'tool'), 0o755)
writeFileSync(join(folder, 'notes'), 'text')

function codeOf(name: string): number | undefined {
  try {
    findCommand(name, folder, folder)
    return undefined
  } catch (error) {
    return error instanceof CommandNotFoundError ? error.exitCode : -1
  }
}

describe('findCommand', () => {
  it('looks through PATH, and takes a path as it is', () => {
    assert.equal(findCommand('tool', `/nowhere:${folder}`, '/'), join(folder, 'tool'))
    assert.equal(findCommand('./tool', '', folder), join(folder, 'tool'))
  })

  it('ends as a shell would: 127 for what is not there, 126 for what may not be run', () => {
    assert.equal(codeOf('absent'), 127)
    assert.equal(codeOf('./absent'), 127)
    assert.equal(codeOf('./notes'), 126)
  })
})

describe('findSystemProgram', () => {
  it('finds what lies outside of an ordinary PATH', () => {
    assert.match(findSystemProgram('sh', '/nowhere') ?? '', /\/sh$/)
    assert.equal(findSystemProgram('no-such-program', folder), undefined)
  })
})

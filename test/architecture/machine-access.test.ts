import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findMachineAccess } from './machine-access.ts'
import { readSources } from './tree.ts'

const offences: readonly { readonly name: string; readonly text: string; readonly want: RegExp }[] =
  [
    { name: 'the environment', text: 'const x = process.env.HOME', want: /:1: reads process\.env/ },
    { name: 'an exit', text: '\nprocess.exit(1)', want: /:2: ends the process/ },
    { name: 'an exit code', text: 'process.exitCode = 1', want: /ends the process/ },
    { name: 'a print', text: "console.log('x')", want: /prints/ },
    { name: 'a write to stderr', text: "process.stderr.write('x')", want: /prints/ },
    { name: 'the time of day', text: 'const t = Date.now()', want: /asks the machine for time/ },
    { name: 'a timer', text: 'setTimeout(f, 1)', want: /asks the machine for time/ },
    { name: 'promised timers', text: "import {} from 'node:timers/promises'", want: /time/ },
    { name: 'a weak random number', text: 'Math.random()', want: /node:crypto/ },
  ]

describe('rooms below the roof', () => {
  it('ask the machine for nothing', () => {
    assert.deepEqual(findMachineAccess(readSources()), [])
  })
})

describe('findMachineAccess', () => {
  for (const { name, text, want } of offences) {
    it(`names file and line of ${name}`, () => {
      const [found, ...more] = findMachineAccess([{ path: 'src/serve/a.ts', text }])
      assert.match(found ?? '', want)
      assert.match(found ?? '', /^src\/serve\/a\.ts:/)
      assert.deepEqual(more, [])
    })
  }

  it('does not mind the idle time of a socket', () => {
    assert.deepEqual(
      findMachineAccess([{ path: 'src/serve/a.ts', text: 'socket.setTimeout(1)' }]),
      [],
    )
  })

  it('does not mind comments, tests, the roof and the clock', () => {
    const text = '// Date.now()\n/** process.env */\n'
    assert.deepEqual(findMachineAccess([{ path: 'src/serve/a.ts', text }]), [])
    for (const path of ['src/serve/a.test.ts', 'src/cli/a.ts', 'src/base/clock.ts']) {
      assert.deepEqual(findMachineAccess([{ path, text: 'Date.now()' }]), [])
    }
  })
})

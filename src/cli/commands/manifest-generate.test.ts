import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { meshdns } from '../../testing/command-line.ts'

describe('meshdns manifest generate', () => {
  for (const word of ['--istioNamespace', '--namespace', '-i', '-n']) {
    it(`takes the namespace with ${word}`, () => {
      const { stdout, stderr, status } = meshdns('manifest', 'generate', word, 'mesh')
      assert.equal(status, 0, stderr)
      assert.match(stdout, /^kind: Namespace\nmetadata:\n {2}name: mesh$/m)
      assert.doesNotMatch(stdout, /istio-system/)
    })
  }
})

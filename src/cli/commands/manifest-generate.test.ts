import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { meshdns } from '../../testing/command-line.ts'

describe('meshdns manifest generate', () => {
  for (const words of [
    ['--revision', 'Bad_Name'],
    ['--namespace', 'a.b'],
    ['-i', '-a'],
  ]) {
    it(`refuses ${words.join(' ')}, which no API server would take`, () => {
      const { stdout, stderr, status } = meshdns('manifest', 'generate', ...words)
      assert.equal(status, 2)
      assert.equal(stdout, '')
      assert.match(stderr, /^error\[CLI_USAGE\]: --\w+ cannot be "[^"]+"\nhint: It must be/)
    })
  }

  for (const word of ['--istioNamespace', '--namespace', '-i', '-n']) {
    it(`takes the namespace with ${word}`, () => {
      const { stdout, stderr, status } = meshdns('manifest', 'generate', word, 'mesh')
      assert.equal(status, 0, stderr)
      assert.match(stdout, /^kind: Namespace\nmetadata:\n {2}name: mesh$/m)
      assert.doesNotMatch(stdout, /istio-system/)
    })
  }
})

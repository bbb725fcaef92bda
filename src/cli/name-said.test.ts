import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { meshdns } from '../testing/command-line.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { writeKubeconfig } from '../testing/write-kubeconfig.ts'

const cases: readonly { readonly words: readonly string[]; readonly option: string }[] = [
  { words: ['install', '-y', '--revision', 'Bad_Name'], option: '--revision' },
  { words: ['install', '-y', '-n', 'a.b'], option: '--namespace' },
  { words: ['uninstall', '-y', '--revision', 'a'.repeat(53)], option: '--revision' },
  { words: ['uninstall', '-y', '-i', 'Mesh'], option: '--istioNamespace' },
  { words: ['kube-inject', '-f', '-', '-n', 'a/b'], option: '--namespace' },
  { words: ['kube-inject', '-f', '-', '-r', '-a'], option: '--revision' },
  { words: ['kube-inject', '-f', '-', '-i', 'a-'], option: '--istioNamespace' },
]

describe('a name that no API server would take', () => {
  for (const { words, option } of cases) {
    it(`is refused before a cluster is asked: ${words.join(' ').slice(0, 60)}`, async (test) => {
      const kubeconfig = await writeKubeconfig(await temporaryFolder(test), 'https://127.0.0.1:1')
      const target = words[0] === 'kube-inject' ? [] : ['--target', 'cluster']
      const { stderr, status } = meshdns(...words, ...target, '--kubeconfig', kubeconfig)
      assert.equal(status, 2, stderr)
      assert.match(stderr, new RegExp(`^error\\[CLI_USAGE\\]: ${option} cannot be "`, 'm'))
    })
  }
})

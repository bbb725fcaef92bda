import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { entryYaml } from '../../src/testing/entry-yaml.ts'
import { PrivateNetwork, privateNetworksSkip } from '../../src/testing/private-network.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

interface Case {
  readonly name: string
  readonly words: (folder: string) => readonly string[]
  readonly begun: RegExp
  /** Everything that others could reach; the rest must be on loopback. */
  readonly beyond: readonly string[]
  /** Sockets of loopback that must be there, so that the list is not empty for a wrong reason. */
  readonly within: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'a controller but its port with TLS',
    words: (folder) => ['controller', '--state-folder', join(folder, 'state')],
    begun: /"msg":"serving"/,
    beyond: ['tcp 0.0.0.0:15012', 'tcp [::]:15012'],
    within: ['tcp 127.0.0.1:15010', 'tcp 127.0.0.1:15014'],
  },
  {
    name: 'an agent',
    words: (folder) => ['agent', '--state-folder', join(folder, 'state')],
    begun: /"msg":"answering"/,
    beyond: [],
    within: [
      'tcp 127.0.0.1:15020',
      'tcp 127.0.0.1:15021',
      'tcp 127.0.0.1:15053',
      'udp 127.0.0.1:15053',
    ],
  },
  {
    name: 'an agent that captures',
    words: (folder) => ['agent', '--state-folder', join(folder, 'state'), '--capture-enabled'],
    begun: /"msg":"answering"/,
    beyond: [],
    within: ['tcp 127.0.0.1:15001', 'tcp [::1]:15001', 'tcp 127.0.0.1:15053'],
  },
]

/** Sockets that take what comes from others: `udp ADDRESS:PORT`, `tcp ADDRESS:PORT`. */
function socketsOf(pid: number | undefined): string[] {
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((kind) => {
    const lines = readFileSync(`/proc/${pid}/net/${kind}`, 'utf8').trim().split('\n').slice(1)
    return lines
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === (kind.startsWith('tcp') ? '0A' : '07'))
      .map(([, local = '']) => `${kind.slice(0, 3)} ${spell(local)}`)
  })
}

/** As the kernel has it: words of four octets, the last one first. */
function spell(local: string): string {
  const [hex = '', port = ''] = local.split(':')
  const octets = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).toReversed().map((pair) => Number.parseInt(pair, 16)),
  )
  const number = Number.parseInt(port, 16)
  if (octets.length === 4) return `${octets.join('.')}:${number}`
  const last = octets.at(-1)
  if (octets.slice(0, -1).every((octet) => octet === 0)) return `[::${last || ''}]:${number}`
  return `[${hex}]:${number}`
}

function isLoopback(socket: string): boolean {
  return / (127\.|\[::1\])/.test(socket)
}

describe('by default nobody can reach', { skip: privateNetworksSkip() }, () => {
  for (const { name, words, begun, beyond, within } of cases) {
    it(name, async (test) => {
      const folder = await temporaryFolder(test)
      const objects = join(folder, 'objects')
      await mkdir(objects)
      await writeFile(join(objects, 'a.yaml'), entryYaml({ name: 'a', hosts: ['a.test'] }))
      await using network = await PrivateNetwork.open({
        outside: ['192.0.2.1/24', '2001:db8::1/64'],
      })
      const argv = [...words(folder), '--run-as', 'root', '--sources', objects]
      const program = network.start([process.execPath, main, ...argv])
      await program.stdout.line(begun).catch((error: unknown) => {
        throw new Error(program.stderr.text, { cause: error })
      })
      const sockets = socketsOf(program.child.pid)
      test.diagnostic(sockets.join(', '))
      assert.deepEqual(
        sockets.filter((socket) => !isLoopback(socket)),
        beyond,
      )
      for (const socket of within) assert.ok(sockets.includes(socket), socket)
    })
  }
})

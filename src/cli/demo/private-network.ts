import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { CodedError } from '../../base/coded-error.ts'
import { needSystemProgram } from '../../sandbox/programs.ts'
import { upstream } from './upstream.ts'

/** The demo's network could not be made. */
export class DemoNetworkError extends CodedError {
  override readonly code = 'CLI_DEMO_NETWORK'

  constructor(argv: readonly string[], words: string) {
    super(`the demo's private network could not be made: ${argv.join(' ')}: ${words}`, {
      hint: 'The demo needs network namespaces and iproute2; see docs/laptop.md.',
    })
  }
}

/** Folders that a demo does not need, one of which becomes a place for its few files. */
const unneeded = ['/media', '/srv', '/opt', '/mnt', '/var/tmp']

/**
 * Gives the namespaces that we are in their addresses and a `resolv.conf` of their own, and returns
 * a folder that is gone with them.
 */
export function makePrivateNetwork(path: string, keepVisible: readonly string[]): string {
  const ip = needSystemProgram('ip', path, 'iproute2')
  const mount = needSystemProgram('mount', path, 'mount')
  const addresses = ['1', '2', '3', '4', '53'].map(
    (last) => `addr add 198.51.100.${last}/32 dev lo`,
  )
  execute([ip, '-batch', '-'], ['link set lo up', ...addresses, ''].join('\n'))
  const folder =
    unneeded.find(
      (one) => existsSync(one) && !keepVisible.some((path) => `${path}/`.startsWith(`${one}/`)),
    ) ?? '/tmp'
  execute([mount, '-t', 'tmpfs', 'tmpfs', folder])
  writeFileSync(`${folder}/resolv.conf`, `nameserver ${upstream.address}\n`)
  execute([mount, '--bind', `${folder}/resolv.conf`, '/etc/resolv.conf'])
  // As on a terminal: curl prints no progress then.
  writeFileSync(`${folder}/.curlrc`, 'silent\nshow-error\n')
  return folder
}

function execute(argv: readonly string[], input = ''): void {
  const [program = '', ...words] = argv
  const { status, stderr, error } = spawnSync(program, words, { input, encoding: 'utf8' })
  if (status !== 0) throw new DemoNetworkError(argv, error?.message ?? stderr.trim())
}

import { existsSync, writeFileSync } from 'node:fs'
import { needSystemProgram } from '../../sandbox/programs.ts'
import { execute } from './execute.ts'
import { upstream } from './upstream.ts'

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

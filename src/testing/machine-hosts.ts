import { entryYaml } from './entry-yaml.ts'

/** Entries without an address, one for each host, oldest first, of the machine's namespace. */
export function entriesOf(hosts: readonly string[]): string {
  return hosts
    .map((host) => entryYaml({ name: host.replaceAll('.', '-'), namespace: 'ns1', hosts: [host] }))
    .join('---\n')
}

/** `h1.mesh.test`, `h2.mesh.test`, … */
export function hostNames(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `h${from + at}.mesh.test`)
}

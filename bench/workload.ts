import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The names that both servers are given, each with one explicit address. */
export interface Workload {
  readonly names: readonly string[]
  /** A `dnsperf` input file: each name once, type A. */
  readonly queryFile: string
  /** The mesh as a ServiceEntry file. */
  readonly entriesFile: string
}

/** The `index`th address of 198.18.0.0/15, which RFC 2544 sets aside for benchmarks. */
export function addressOf(index: number): string {
  const offset = index + 1
  return `198.${18 + (offset >> 16)}.${(offset >> 8) & 0xff}.${offset & 0xff}`
}

export function writeWorkload(folder: string, count: number): Workload {
  const names = Array.from({ length: count }, (_, index) => `s${index}.bench.internal`)
  const queryFile = join(folder, `queries-${count}.txt`)
  const entriesFile = join(folder, `entries-${count}.yaml`)
  writeFileSync(queryFile, names.map((name) => `${name} A\n`).join(''))
  writeFileSync(entriesFile, serviceEntries(names))
  return { names, queryFile, entriesFile }
}

/** One entry per name; `addressOf` says which address each has. */
export function serviceEntries(names: readonly string[]): string {
  return names
    .map((host, index) =>
      [
        'apiVersion: networking.istio.io/v1',
        'kind: ServiceEntry',
        `metadata: { name: bench-${index}, namespace: bench }`,
        'spec:',
        `  hosts: [${host}]`,
        `  addresses: [${addressOf(index)}]`,
        '  ports: [{ number: 80, name: http, protocol: HTTP }]',
        '  resolution: STATIC',
        '  endpoints: [{ address: 192.0.2.1 }]',
        '',
      ].join('\n'),
    )
    .join('---\n')
}

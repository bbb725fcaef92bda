import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Entries of one file; a mesh is kept in many files, as a team keeps it. */
const hostsPerFile = 100

/** A folder of ServiceEntries for a controller: half with an address, half with an endpoint and a virtual one. */
export class MeshFolder {
  readonly path: string
  readonly #hosts: number
  /** How often each host was changed. */
  readonly #changes = new Map<number, number>()

  constructor(path: string, hosts: number) {
    this.path = path
    this.#hosts = hosts
    mkdirSync(path, { recursive: true })
    for (let file = 0; file * hostsPerFile < hosts; file += 1) {
      writeFileSync(this.#fileOf(file), this.#textOf(file))
    }
  }

  /** Gives one host another address, its own or its endpoint's; the result is its name. */
  change(host: number): string {
    this.#changes.set(host, (this.#changes.get(host) ?? 0) + 1)
    const file = Math.floor(host / hostsPerFile)
    const next = join(this.path, `.next-${file}`)
    writeFileSync(next, this.#textOf(file))
    renameSync(next, this.#fileOf(file))
    return hostName(host)
  }

  /** The explicit address of a host, or that of its endpoint. */
  addressOf(host: number): string {
    const offset = host + (this.#changes.get(host) ?? 0) * this.#hosts
    return `10.${(offset >> 16) & 0xff}.${(offset >> 8) & 0xff}.${offset & 0xff}`
  }

  #fileOf(file: number): string {
    return join(this.path, `entries-${file}.yaml`)
  }

  #textOf(file: number): string {
    const last = Math.min(this.#hosts, (file + 1) * hostsPerFile)
    const entries: string[] = []
    for (let host = file * hostsPerFile; host < last; host += 1) entries.push(this.#entryOf(host))
    return entries.join('---\n')
  }

  #entryOf(host: number): string {
    const head = [
      'apiVersion: networking.istio.io/v1',
      'kind: ServiceEntry',
      `metadata: { name: s${host}, namespace: ns${host % 50} }`,
      'spec:',
      `  hosts: [${hostName(host)}]`,
      '  ports: [{ number: 80, name: http, protocol: HTTP }]',
    ]
    const place = isExplicit(host)
      ? [`  addresses: [${this.addressOf(host)}]`]
      : ['  resolution: STATIC', `  endpoints: [{ address: ${this.addressOf(host)} }]`]
    return `${[...head, ...place].join('\n')}\n`
  }
}

export function hostName(host: number): string {
  return `s${host}.bench.internal`
}

export function isExplicit(host: number): boolean {
  return host % 2 === 0
}

export const outputChain = 'MESHDNS_OUTPUT'
/** In the nat table only. */
export const addressesChain = 'MESHDNS_ADDRESSES'

/** What one table holds of ours. */
interface TableLeftovers {
  /** How often `OUTPUT` leads to us. */
  readonly jumps: number
  readonly chains: readonly string[]
  /** Of the chain that `OUTPUT` leads to. */
  readonly rules: readonly string[]
}

/** What a run before us, perhaps one that crashed, has left in the tables that we use. */
export type Leftovers = Readonly<Record<'nat' | 'raw' | 'filter', TableLeftovers>>

const nothing: TableLeftovers = { jumps: 0, chains: [], rules: [] }
export const noLeftovers: Leftovers = { nat: nothing, raw: nothing, filter: nothing }

/** Reads the output of `iptables-save`. */
export function readLeftovers(saved: string): Leftovers {
  const tables = new Map<string, string[]>()
  let ours: string[] = []
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) tables.set(line.slice(1).trim(), (ours = []))
    else if (line.includes('MESHDNS_')) ours.push(line.trim())
  }
  const read = (name: string) => readTable(tables.get(name) ?? [])
  return { nat: read('nat'), raw: read('raw'), filter: read('filter') }
}

function readTable(lines: readonly string[]): TableLeftovers {
  return {
    jumps: lines.filter((line) => line === `-A OUTPUT -j ${outputChain}`).length,
    chains: [outputChain, addressesChain].filter((chain) =>
      lines.some((line) => line.startsWith(`:${chain} `)),
    ),
    rules: lines.filter((line) => line.startsWith(`-A ${outputChain} `)),
  }
}

/** The input of `iptables-restore --noflush` that takes the leftovers away; empty when there are none. */
export function renderIptablesRemoval({ nat, raw, filter }: Leftovers): string {
  // The translation goes first, so that nothing is redirected outside of its zone.
  return [
    ...removeFrom('nat', nat),
    ...removeFrom('raw', raw),
    ...removeFrom('filter', filter),
  ].join('')
}

function removeFrom(table: string, { jumps, chains }: TableLeftovers): string[] {
  if (chains.length === 0) return []
  return [
    `*${table}`,
    ...Array<string>(jumps).fill(`-D OUTPUT -j ${outputChain}`),
    ...chains.map((chain) => `-F ${chain}`),
    ...chains.map((chain) => `-X ${chain}`),
    'COMMIT',
  ].map((line) => `${line}\n`)
}

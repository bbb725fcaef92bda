export const outputChain = 'MESHDNS_OUTPUT'
/** In the nat table only. */
export const addressesChain = 'MESHDNS_ADDRESSES'

/** What one table holds of ours. */
interface TableLeftovers {
  /** How often `OUTPUT` leads to us. */
  readonly jumps: number
  readonly chains: readonly string[]
}

/** What a run before us, perhaps one that crashed, has left in the tables that we use. */
export type Leftovers = Readonly<Record<'nat' | 'raw' | 'filter', TableLeftovers>>

const nothing: TableLeftovers = { jumps: 0, chains: [] }
export const noLeftovers: Leftovers = { nat: nothing, raw: nothing, filter: nothing }

/** Reads the output of `iptables-save`. */
export function readLeftovers(saved: string): Leftovers {
  const tables = new Map<string, string[]>()
  let table = ''
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim()
    else if (/^(:|-A OUTPUT )/.test(line)) tables.set(table, [...(tables.get(table) ?? []), line])
  }
  const read = (name: string) => readTable(tables.get(name) ?? [])
  return { nat: read('nat'), raw: read('raw'), filter: read('filter') }
}

function readTable(lines: readonly string[]): TableLeftovers {
  return {
    jumps: lines.filter((line) => line.trim() === `-A OUTPUT -j ${outputChain}`).length,
    chains: [outputChain, addressesChain].filter((chain) =>
      lines.some((line) => line.startsWith(`:${chain} `)),
    ),
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

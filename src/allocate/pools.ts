import { parsePrefix } from '../ip/prefix.ts'
import type { Pools } from './allocation.ts'
import type { VirtualAddressOptions } from './options.ts'

/** The checked options' ranges. */
export function poolsOf({ v4Prefix, v6Prefix }: VirtualAddressOptions): Pools {
  return { v4: parsePrefix(v4Prefix), v6: parsePrefix(v6Prefix) }
}

import type { Sidecar } from '../../registry/sidecar.ts'
import type { SidecarObject } from '../mesh-object.ts'

/** What decides who sees which services. */
export function sidecarOf({ meta, selector, egress }: SidecarObject): Sidecar {
  const { namespace, name, createdAt } = meta
  return { namespace, name, ...(selector ? { selector } : {}), egress, createdAt }
}

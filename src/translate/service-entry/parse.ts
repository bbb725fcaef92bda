import { checkShape } from '../../documents/shape.ts'
import type { ServiceEntry } from '../mesh-object.ts'
import { readTrafficDistribution } from '../traffic-distribution.ts'
import type { Unparsed } from '../unparsed.ts'
import { checkAddresses } from './addresses.ts'
import { checkEndpoints } from './endpoints.ts'
import type { EntryContext } from './entry-context.ts'
import { EntryShape } from './entry-shape.ts'
import { checkExportTo } from './export-to.ts'
import { checkHosts } from './hosts.ts'
import { checkLocation } from './location.ts'
import { checkPorts } from './ports.ts'
import { checkResolution } from './resolution.ts'
import { checkSelector } from './selector.ts'
import { checkSharedPorts } from './shared-ports.ts'

/** Istio: ServiceEntry. The rules are those of its webhook (`E…`, `W…`), one file for each field. */
export function parseServiceEntry(unparsed: Unparsed): ServiceEntry | undefined {
  const { raw, meta, report, autoAllocate } = unparsed
  const spec = checkShape(EntryShape, raw['spec'] ?? {}, { path: ['spec'], report })
  if (!spec) return undefined
  const resolution = checkResolution(spec, report)
  // Where the resolution is none, the rules that hold for every one are those of STATIC.
  const assumed = resolution ?? 'STATIC'
  const context: EntryContext = { spec, meta, resolution: assumed, report, autoAllocate }
  const location = checkLocation(context)
  const hosts = checkHosts(context)
  const explicit = checkAddresses(context)
  const ports = checkPorts(context)
  if (resolution) checkSharedPorts(context)
  const selector = checkSelector(context)
  const endpoints = resolution ? checkEndpoints(context) : []
  const exportTo = checkExportTo(context)
  const traffic = readTrafficDistribution(meta, report)
  if (!location || !resolution) return undefined
  return {
    kind: 'ServiceEntry',
    meta,
    hosts,
    ...explicit,
    ports,
    location,
    resolution,
    endpoints,
    ...(selector ? { selector } : {}),
    exportTo,
    ...(traffic === undefined ? {} : { traffic }),
    subjectAltNames: spec.subjectAltNames ?? [],
  }
}

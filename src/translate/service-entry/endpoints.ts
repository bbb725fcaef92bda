import type { Path } from '../../documents/path.ts'
import type { Resolution } from '../../registry/service.ts'
import type { WorkloadSpec } from '../mesh-object.ts'
import { checkWorkload } from '../workload/check-workload.ts'
import type { EntryContext } from './entry-context.ts'
import { isDns } from './resolution.ts'

/** `spec.endpoints`: E11, E12, E14, E15, E16 and W6. */
export function checkEndpoints(context: EntryContext): readonly WorkloadSpec[] {
  const { spec, resolution } = context
  const given = spec.endpoints ?? []
  if (given.length === 0) return []
  switch (resolution) {
    case 'NONE':
      refuseAll('E11', 'Remove them, or set resolution: STATIC or DNS.', context)
      return []
    case 'DYNAMIC_DNS':
      refuseAll('E16', 'Remove them, or set resolution: DNS.', context)
      return []
    case 'STATIC':
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      return checkEach(given, resolution, context)
  }
}

function refuseAll(code: string, hint: string, { resolution, report }: EntryContext): void {
  const message = `with resolution ${resolution} there can be no endpoints`
  report.error({ code, path: ['spec', 'endpoints'], message, hint })
}

type Given = NonNullable<EntryContext['spec']['endpoints']>

function checkEach(
  given: Given,
  resolution: Resolution,
  context: EntryContext,
): readonly WorkloadSpec[] {
  const { report } = context
  const code = isDns(resolution) ? 'E15' : 'E12'
  const endpoints: WorkloadSpec[] = []
  if (resolution === 'DNS_ROUND_ROBIN' && given.length > 1) {
    const message = 'with resolution DNS_ROUND_ROBIN there can be only one endpoint'
    const hint = 'Keep one, or set resolution: DNS.'
    report.error({ code: 'E14', path: ['spec', 'endpoints', 1], message, hint })
  }
  for (const [index, raw] of given.entries()) {
    const path = ['spec', 'endpoints', index]
    if (raw === null) {
      const hint = 'Remove the empty item, or give an address.'
      report.error({ code, path, message: 'the endpoint is empty', hint })
      continue
    }
    const isStatic = resolution === 'STATIC'
    const endpoint = checkWorkload(raw, {
      code,
      path,
      report,
      names: !isStatic,
      unix: isStatic,
      addressless: isStatic ? 'with-network' : 'never',
    })
    checkPortNames(endpoint, { code, path }, context)
    if (isStatic) checkStatic(endpoint, path, context)
    endpoints.push(endpoint)
  }
  return endpoints
}

function checkPortNames(
  endpoint: WorkloadSpec,
  { code, path }: { readonly code: string; readonly path: Path },
  { spec, report }: EntryContext,
): void {
  const names = (spec.ports ?? []).map((port) => port?.name)
  for (const name of endpoint.ports.keys()) {
    if (names.includes(name)) continue
    report.error({
      code,
      path: [...path, 'ports', name],
      message: `the service has no port named ${JSON.stringify(name)}`,
      hint: `Its ports are: ${names.join(', ') || 'none'}.`,
      atKey: true,
    })
  }
}

function checkStatic(
  { target, network }: WorkloadSpec,
  path: Path,
  { spec, report }: EntryContext,
): void {
  if (target?.kind === 'unix' && (spec.ports ?? []).length > 1) {
    report.error({
      code: 'E12',
      path: [...path, 'address'],
      message: 'a unix socket serves one port, but the service has several',
      hint: 'Write one ServiceEntry for each port.',
    })
  }
  if (target === undefined && network !== undefined) {
    report.warning({
      code: 'W6',
      path,
      message: `the endpoint has a network (${network}) but no address, so it cannot be reached from here`,
      hint: 'Give the address of the endpoint, or of a gateway to its network.',
    })
  }
}

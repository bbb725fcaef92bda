import { networkInterfaces } from 'node:os'
import { localFamilies } from '../agent/local-families.ts'
import { allocate } from '../allocate/allocate.ts'
import type { Pools } from '../allocate/allocation.ts'
import type { Ledger } from '../allocate/ledger.ts'
import { VirtualAddressOptions } from '../allocate/options.ts'
import { poolsOf } from '../allocate/pools.ts'
import { explicitAddresses, wantedOwners } from '../allocate/wanted.ts'
import { CodedError } from '../base/coded-error.ts'
import type { Finding } from '../documents/finding.ts'
import { scopeOf, type ViewScope } from '../registry/scope.ts'
import type { Service } from '../registry/service.ts'
import { servicesByHost } from '../registry/services-by-host.ts'
import { type View, viewOf } from '../registry/view.ts'
import type { MeshObject } from '../translate/mesh-object.ts'
import { parseObject } from '../translate/parse-object.ts'
import { translate } from '../translate/translate.ts'
import type { Invocation } from './command.ts'
import { readInput } from './read-input.ts'
import { readStateFolder } from './read-state-folder.ts'
import { UsageError } from './usage-error.ts'

/** A file or folder that the user named cannot be read. */
export class SourceUnreadableError extends CodedError {
  override readonly code = 'CLI_SOURCE_UNREADABLE'

  constructor(findings: readonly Finding[]) {
    super(findings.map(({ file, message }) => `${file}: ${message}`).join('; '), {
      hint: 'Name files and folders with -f PATH that are there, and that this user may read.',
    })
  }
}

/** The mesh as an agent would see it that had just read these files. */
export interface OfflineMesh {
  readonly services: readonly Service[]
  readonly view: View
  /** Who holds which virtual address, and which addresses rest. */
  readonly ledger: Ledger
  readonly findings: readonly Finding[]
  readonly namespace: string
  /** What an application of the namespace sees. */
  readonly scope: ViewScope
  readonly clusterDomain: string
  readonly pools: Pools
  /** Its applications are pods, which have servers of their own. */
  readonly isOfCluster?: boolean
}

/**
 * Reads what `sourceOptions` name. Faulty objects are left out; the findings say which.
 * @throws {UsageError} when no file is named, or an address range makes no sense.
 * @throws {SourceUnreadableError} when a file or folder cannot be read that was named.
 * @throws {StateUnreadableError} when a state folder was named that cannot be read.
 */
export async function readOfflineMesh(invocation: Invocation): Promise<OfflineMesh> {
  const { options, io } = invocation
  const namespace = options.text('namespace') ?? 'default'
  const clusterDomain = options.text('cluster-domain') ?? 'cluster.local'
  const virtualAddresses = virtualAddressOptions(invocation)
  const pools = poolsOf(virtualAddresses)
  const { services, findings } = await readServices(invocation)
  const unreadable = findings.filter(
    ({ code, file }) => options.texts('file').includes(file) && /^(FILE|BINARY)_/.test(code),
  )
  if (unreadable.length > 0) throw new SourceUnreadableError(unreadable)
  const state = options.text('state-folder')
  const byHost = servicesByHost(services)
  const { ledger } = allocate({
    wanted: wantedOwners([...byHost.values()].flat()),
    explicit: explicitAddresses(services),
    ledger: await readStateFolder(state),
    pools,
    wallMs: io.clock.wall(),
    restMs: virtualAddresses.restSeconds * 1_000,
  })
  const scope = scopeOf({ namespace, labels: new Map() }, [], namespace)
  const view = viewOf(byHost, ledger.held, {
    namespace,
    scope,
    virtualFamilies: localFamilies(networkInterfaces()),
  })
  return { services, view, ledger, findings, namespace, scope, clusterDomain, pools }
}

function virtualAddressOptions({ options }: Invocation): VirtualAddressOptions {
  const { success, data, error } = VirtualAddressOptions.safeParse({
    v4Prefix: options.text('virtual-addresses-v4-prefix'),
    v6Prefix: options.text('virtual-addresses-v6-prefix'),
  })
  if (success) return data
  const [issue] = error.issues
  throw new UsageError(`the range of virtual addresses ${issue?.message}`, {
    hint: 'Write it as 240.240.0.0/16, or 2001:2::/48 for --virtual-addresses-v6-prefix.',
  })
}

/**
 * Reads, checks and translates the files that the invocation names.
 * @throws {UsageError} when it names none.
 */
export async function readServices({ options, io }: Invocation) {
  const paths = options.texts('file')
  if (paths.length === 0) {
    throw new UsageError('no file is named', { hint: 'Name files or folders with -f PATH.' })
  }
  const { documents, findings: unreadable } = await readInput(paths, io.stdin)
  const defaultNamespace = options.text('namespace') ?? 'default'
  const findings = [...unreadable]
  const objects: MeshObject[] = []
  for (const document of documents) {
    const parsed = parseObject(document, { defaultNamespace, autoAllocate: true })
    findings.push(...parsed.findings)
    if (parsed.object) objects.push(parsed.object)
  }
  const translated = translate(objects, {
    clusterDomain: options.text('cluster-domain') ?? 'cluster.local',
    defaultExportTo: ['*'],
    autoAllocate: true,
  })
  findings.push(...translated.findings)
  return { services: translated.services, findings, objectCount: documents.length }
}

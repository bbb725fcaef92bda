import { clusterNames } from '../config/cluster-object-names.ts'
import { tryParseBoolean } from '../config/go-boolean.ts'
import type { InstallConfig } from '../config/install-config.ts'
import { otherInjectors } from '../install/cluster/apply/other-injectors.ts'
import type { ClusterStep } from '../install/cluster/apply/plan.ts'
import {
  applyInstall,
  type ClusterPlan,
  hasChanges,
  planInstall,
} from '../install/cluster/install.ts'
import { formatReference } from '../install/cluster/object.ts'
import { readPatience } from './cluster-patience.ts'
import { openCluster } from './cluster-target.ts'
import type { Invocation } from './command.ts'
import { confirm } from './confirm.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { readOperators } from './read-install-config.ts'
import { printable } from './table.ts'
import { version } from './version.ts'

/** Installs the control plane into a cluster. */
export async function installInCluster(invocation: Invocation): Promise<ExitCode> {
  const { io, options } = invocation
  const patience = readPatience(invocation)
  const config = await readOperators(invocation, 'cluster')
  const client = await openCluster(invocation)
  const names = clusterNames(config)
  const { name, server } = client.access
  const where = `the cluster ${name} (${server}), namespace ${names.namespace}`
  const revision = names.revision === 'default' ? '' : `, revision ${names.revision}`
  io.stderr.write(`${printable(`Into ${where}${revision}.`)}\n`)
  const plan = await planInstall(client, config, version())
  for (const other of await otherInjectors(client, names)) {
    const text = `warning: ${other} injects pods of the same namespaces; name a revision with --revision`
    io.stderr.write(`${printable(text)}\n`)
  }
  if (options.has('dry-run')) {
    io.stdout.write(plan.steps.map(formatStep).join(''))
    return exitCodes.done
  }
  if (hasChanges(plan)) {
    if (!options.has('skip-confirmation')) io.stderr.write(plan.steps.map(formatStep).join(''))
    if (!(await confirm(invocation, `Install the control plane into ${where}?`))) {
      io.stdout.write('Nothing was changed.\n')
      return exitCodes.failed
    }
  } else {
    io.stdout.write('Everything is in its place already.\n')
  }
  await applyInstall(client, plan, patience)
  const label =
    names.revision === 'default' ? 'istio-injection=enabled' : `istio.io/rev=${names.revision}`
  io.stdout.write(
    plan.manifests.webhooks.length === 0
      ? 'Done; no controller runs, as the IstioOperator says.\n'
      : `The control plane is ready. Have pods injected: kubectl label namespace NAME ${label}\n`,
  )
  if (isOfSidecars(plan) && !isCaptured(config)) {
    io.stdout.write(
      `DNS is not caught where no ProxyConfig and no annotation says so. For all pods: --set ${captureSetting}=true\n`,
    )
  }
  return exitCodes.done
}

const captureSetting = 'meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE'

function isOfSidecars({ manifests: { webhooks, workload } }: ClusterPlan): boolean {
  return webhooks.length > 0 && workload.every(({ kind }) => kind !== 'DaemonSet')
}

function isCaptured({ mesh }: InstallConfig): boolean {
  const text = mesh.defaultConfig.proxyMetadata.get('ISTIO_META_DNS_CAPTURE') ?? ''
  return tryParseBoolean(text) === true
}

function formatStep({ change, reference, note }: ClusterStep): string {
  const more = note === '' ? '' : ` (${note})`
  return `${printable(`${change.padEnd(6)} ${formatReference(reference)}${more}`)}\n`
}

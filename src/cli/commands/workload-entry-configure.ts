import { groupProxyConfig, onboardingGroup } from '../../install/onboarding/group.ts'
import { renderOnboarding } from '../../install/onboarding/render.ts'
import { writeOnboardingFiles } from '../../install/onboarding/write-files.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { findWorkloadGroup } from '../find-workload-group.ts'
import { openOnboardingSource, sourceOptions } from '../onboarding-source.ts'
import { onboardingOptions, readOnboardingWishes } from '../onboarding-words.ts'
import { printable } from '../table.ts'
import { UsageError } from '../usage-error.ts'

export const command: Command = {
  description:
    'Writes the files that one machine joins the mesh with: cluster.env, mesh.yaml, root-cert.pem, istio-token and hosts. ' +
    'Run it where the controller runs, or with access to the cluster that it runs in, carry the folder to the machine, and run `meshdns vm install FOLDER` there. ' +
    'DNS capture is on, whatever the mesh says, unless --capture-dns=false leaves it to the mesh. ' +
    'The token counts for a limited time; whoever reads it may join the mesh in its name.',
  operands: [],
  options: [...onboardingOptions, ...sourceOptions],
  examples: [
    {
      command: 'meshdns workload entry configure -f group.yaml -o vm1 --ingressIP 192.0.2.10',
      says: 'a machine of the group in a file; the controller is reached at 192.0.2.10',
    },
    {
      command: 'meshdns workload entry configure --name shop -n vms -o vm1 --autoregister',
      says: 'of a group that the controller knows; the machine becomes a WorkloadEntry by itself',
    },
    {
      command: 'meshdns workload entry configure --name shop -n vms -o vm1 --context prod',
      says: 'of a group in a cluster, whose controller takes the token',
    },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, io } = invocation
  const folder = options.text('output') ?? ''
  if (folder === '') {
    throw new UsageError('no folder is named', { hint: 'Name one for the files with -o FOLDER.' })
  }
  const warn = (text: string) => io.stderr.write(`warning: ${printable(text)}\n`)
  const source = await openOnboardingSource(invocation)
  const found = await findWorkloadGroup(invocation, source)
  if (found.template.labels.size > 0) {
    const names = [...found.template.labels.keys()].join(', ')
    warn(`labels belong into spec.metadata; those of spec.template go over them: ${names}`)
  }
  const wishes = await readOnboardingWishes(invocation, source, warn)
  const { mesh, meshId } = await source.config()
  const { trustDomain, network } = await source.names()
  const group = onboardingGroup(found, network)
  const said = groupProxyConfig(found, mesh, await source.objects(found.meta.namespace))
  const proxyConfig = meshId === '' ? said : { meshId, ...said }
  const texts = renderOnboarding({
    group,
    proxyConfig,
    trustDomain,
    registryOnly: mesh.outboundTrafficPolicy === 'REGISTRY_ONLY',
    wishes,
  })
  const { namespace, serviceAccount } = group
  const durationSeconds = Number(options.text('tokenDuration'))
  const files = {
    ...texts,
    'root-cert.pem': await source.rootCertificates(namespace),
    'istio-token': await source.issueToken({ namespace, serviceAccount, durationSeconds }),
  }
  await writeOnboardingFiles(folder, files)
  warn(
    `${folder}/istio-token is the identity ${namespace}/${serviceAccount} for ${durationSeconds} seconds: keep it to yourself`,
  )
  io.stdout.write(`${folder} holds what a machine of ${namespace}/${group.name} needs.\n`)
  return exitCodes.done
}

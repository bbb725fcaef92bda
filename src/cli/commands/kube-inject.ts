import { writeFile } from 'node:fs/promises'
import { formatFinding } from '../../documents/finding.ts'
import { injectText } from '../../inject/inject-text.ts'
import { clusterOptions, controlPlaneOption, openCluster } from '../cluster-target.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { nameSaid } from '../name-said.ts'
import { readInjectionMesh } from '../read-injection-mesh.ts'
import { readTexts } from '../read-texts.ts'
import { printableLines } from '../table.ts'
import { UsageError } from '../usage-error.ts'

export const command: Command = {
  description:
    'Puts the agent into the pods that objects of files make, as the webhook of a cluster does when pods are created: ' +
    'for clusters without the webhook, and to see what it would do. Pods, Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs are changed, lists unfolded; ' +
    'everything else stays as it is. What the mesh says comes from the cluster, unless --meshConfigFile names it.',
  operands: [],
  options: [
    {
      flags: '-f, --filename <file>',
      summary: 'file with objects; - is the standard input; may be given several times',
      repeatable: true,
    },
    {
      flags: '-o, --output <file>',
      summary: 'file for the result, instead of the standard output',
    },
    {
      flags: '--meshConfigFile <file>',
      summary: 'a MeshConfig, or the ConfigMap that has one; then no cluster is asked',
    },
    {
      flags: '--valuesFile <file>',
      summary: 'values of the installation, as JSON or YAML; those of the cluster when not given',
    },
    {
      flags: '-n, --namespace <name>',
      summary: 'namespace of objects that name none; without it, that of the context, or default',
    },
    controlPlaneOption,
    { flags: '-r, --revision <name>', summary: 'revision of the control plane' },
    ...clusterOptions,
  ],
  examples: [
    {
      command: 'meshdns kube-inject -f shop.yaml | kubectl apply -f -',
      says: 'what the mesh says comes from the cluster',
    },
    {
      command: 'meshdns kube-inject -f shop.yaml --meshConfigFile mesh.yaml -o injected.yaml',
      says: 'without a cluster',
    },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, io } = invocation
  const files = options.texts('filename')
  if (files.length === 0) {
    throw new UsageError('no file is named', {
      hint: 'Name one with -f FILE, or -f - for the standard input.',
    })
  }
  const namespace = nameSaid(invocation, 'namespace')
  const isAsked = options.text('meshConfigFile') === undefined
  const client = isAsked ? await openCluster(invocation) : undefined
  const mesh = await readInjectionMesh(invocation, client)
  const defaultNamespace = namespace ?? client?.access.namespace ?? 'default'
  const { texts, findings } = await readTexts(files, io.stdin)
  const outcomes = texts.map((one) => injectText({ ...one, mesh, defaultNamespace }))
  const tell = (text: string) => io.stderr.write(`${printableLines(text)}\n`)
  const unread = findings.filter(({ severity }) => severity === 'error').map(formatFinding)
  const faults = [...unread, ...outcomes.flatMap((outcome) => outcome.faults)]
  if (faults.length > 0) {
    for (const fault of faults) tell(fault)
    return exitCodes.failed
  }
  for (const { warnings, skipped } of outcomes) {
    for (const warning of warnings) tell(`warning: ${warning}`)
    for (const reason of skipped) tell(`not injected: ${reason}`)
  }
  const result = outcomes.map(({ text }, at) => (at > 0 ? separated(text) : text)).join('')
  const output = options.text('output')
  if (output === undefined) io.stdout.write(result)
  else await writeResult(output, result)
  return exitCodes.done
}

/** @throws {UsageError} when it cannot be written. */
async function writeResult(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (cause) {
    throw new UsageError(`${file} cannot be written`, {
      cause,
      hint: 'Name another file with -o FILE, or none for the standard output.',
    })
  }
}

function separated(text: string): string {
  return text.startsWith('---') ? text : `---\n${text}`
}

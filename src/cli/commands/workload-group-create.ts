import { readDocuments } from '../../documents/documents.ts'
import { renderWorkloadGroup } from '../../install/workload-group.ts'
import { parseObject } from '../../translate/parse-object.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { UsageError } from '../usage-error.ts'

export const command: Command = {
  description:
    'Prints a WorkloadGroup: what the WorkloadEntries of a set of machines have in common. ' +
    'Put it into a file of the folder that the controller reads.',
  operands: [],
  options: [
    { flags: '--name <name>', summary: 'name of the group' },
    { flags: '-n, --namespace <name>', summary: 'namespace of its workloads' },
    {
      flags: '-l, --labels <list>',
      summary: 'labels of its workloads, such as app=shop,version=v1',
      repeatable: true,
    },
    {
      flags: '-a, --annotations <list>',
      summary: 'annotations of its workloads, NAME=VALUE',
      repeatable: true,
    },
    {
      flags: '-p, --ports <list>',
      summary: 'ports that its workloads serve, such as grpc=3550,http=8080',
      repeatable: true,
    },
    {
      flags: '-s, --serviceAccount <name>',
      summary: 'identity of its workloads',
      fallback: 'default',
    },
  ],
  examples: [
    {
      command: 'meshdns workload group create --name shop --namespace vms --labels app=shop',
      says: 'a group without ports',
    },
    {
      command:
        'meshdns workload group create --name shop --namespace vms --ports http=8080 --serviceAccount shop',
      says: 'one that serves HTTP, with an identity of its own',
    },
  ],
  run,
}

async function run({ options, io }: Invocation): Promise<ExitCode> {
  const [name, namespace] = [options.text('name') ?? '', options.text('namespace') ?? '']
  if (name === '' || namespace === '') {
    const missing = name === '' ? 'name' : 'namespace'
    throw new UsageError(`the group has no ${missing}`, { hint: `Give it one with --${missing}.` })
  }
  const text = renderWorkloadGroup({
    name,
    namespace,
    labels: pairsOf(options.texts('labels')),
    annotations: pairsOf(options.texts('annotations')),
    ports: portsOf(options.texts('ports')),
    serviceAccount: options.text('serviceAccount') ?? '',
  })
  checkGroup(text)
  io.stdout.write(text)
  return exitCodes.done
}

/** What we print is what we would accept. */
function checkGroup(text: string): void {
  const [document] = readDocuments(text, '(flags)').documents
  const findings = document ? parseObject(document, { defaultNamespace: '' }).findings : []
  const error = findings.find(({ severity }) => severity === 'error')
  if (!error) return
  const hint = error.hint ?? 'See: meshdns workload group create --help'
  throw new UsageError(`${error.path}: ${error.message}`, { hint })
}

/** `NAME=VALUE` lists; a name alone has an empty value. */
function pairsOf(lists: readonly string[]): Record<string, string> {
  const pairs = lists.flatMap((list) => list.split(',')).filter((pair) => pair !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [name, value.join('=')]
    }),
  )
}

function portsOf(lists: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(pairsOf(lists)).map(([name, text]) => {
      const number = /^\d{1,5}$/.test(text) ? Number(text) : 0
      if (number >= 1 && number <= 65_535) return [name, number]
      throw new UsageError(`${name}${text === '' ? '' : `=${text}`} is not a port`, {
        hint: 'Write NAME=NUMBER, such as --ports http=8080.',
      })
    }),
  )
}

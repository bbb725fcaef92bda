import { readFileSync } from 'node:fs'
import { CodedError } from '../base/coded-error.ts'
import { type InstallConfig, readInstallConfig } from '../config/install-config.ts'
import type { InstallTarget } from '../config/istio-operator.ts'
import { type Finding, formatFinding } from '../documents/finding.ts'
import { namespaceSaid } from './cluster-target.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { nameSaid } from './name-said.ts'
import { printableLines } from './table.ts'
import { UsageError } from './usage-error.ts'

/** An IstioOperator, or what was set over it, makes no sense. Nothing was changed. */
export class OperatorRefusedError extends CodedError {
  override readonly code = 'CLI_OPERATOR_REFUSED'

  constructor(findings: readonly Finding[]) {
    super(printableLines(findings.map(formatFinding).join('\n')))
  }
}

/** What an installation is told. */
export const operatorOptions: readonly OptionSpec[] = [
  {
    flags: '-f, --file <path>',
    summary: 'file with one IstioOperator; - is the standard input, and comes last',
    repeatable: true,
  },
  {
    flags: '--set <path=value>',
    summary: 'setting of the IstioOperator, such as meshConfig.trustDomain=example.test',
    repeatable: true,
  },
  { flags: '--revision <name>', summary: 'as --set revision=NAME' },
]

/** No IstioOperator is larger. */
const mostOctets = 4 << 20

/**
 * Puts together what `-f` and `--set` say; notices go to stderr.
 * @throws {UsageError} when a file cannot be read or is empty, `-` does not come last, or a name cannot be.
 * @throws {OperatorRefusedError} when something makes no sense.
 */
export async function readOperators(
  { options, io }: Invocation,
  target: InstallTarget = 'machine',
): Promise<InstallConfig> {
  const paths = options.texts('file')
  if (paths.includes('-') && paths.indexOf('-') !== paths.length - 1) {
    throw new UsageError('the standard input does not come last', {
      hint: 'Give -f - once, behind the other files.',
    })
  }
  const files: { readonly file: string; readonly text: string }[] = []
  for (const path of paths) {
    if (path === '-') files.push({ file: '(standard input)', text: await readAll(io.stdin) })
    else files.push({ file: path, text: readOne(path) })
  }
  const said = (path: string, text: string | undefined) => {
    return text === undefined ? [] : [`${path}=${text}`]
  }
  const sets = [
    ...options.texts('set'),
    ...said('revision', nameSaid({ options }, 'revision')),
    ...said('namespace', namespaceSaid({ options })),
  ]
  const { config, findings } = readInstallConfig({ files, sets, target })
  const empty = findings.find(({ code }) => code === 'NO_OBJECTS')
  if (empty) {
    throw new UsageError(`${empty.file} holds no IstioOperator`, {
      hint: 'Did what writes it fail? Leave -f out to have the defaults.',
    })
  }
  if (!config)
    throw new OperatorRefusedError(findings.filter(({ severity }) => severity === 'error'))
  for (const finding of findings) io.stderr.write(`${printableLines(formatFinding(finding))}\n`)
  return config
}

function readOne(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`${path} cannot be read`, { cause, hint: 'Name a file with -f FILE.' })
  }
}

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  let octets = 0
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk))
    octets += chunk.length
    if (octets > mostOctets) throw new UsageError(`the input has more than ${mostOctets} octets`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

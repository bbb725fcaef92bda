import { readFileSync } from 'node:fs'
import {
  type AgentSettings,
  type Environment,
  type NamedText,
  readAgentSettings,
} from '../config/agent-settings.ts'
import { parsePodAnnotations } from '../config/pod-annotations.ts'
import { type Finding, formatFinding } from '../documents/finding.ts'
import { ConfigInvalidError } from './read-agent-options.ts'
import { printableLines } from './table.ts'

/** Where Istio puts what it tells an agent. */
export const machineFiles = {
  mesh: '/etc/istio/config/mesh',
  annotations: '/etc/istio/pod/annotations',
  labels: '/etc/istio/pod/labels',
} as const

export interface MachineSettings extends AgentSettings {
  /** What somebody who looks for a mistake wants to know; no errors. */
  readonly findings: readonly Finding[]
}

/**
 * What Istio's files and variables tell an agent on this machine; files that are not there say nothing.
 *
 * `mesh` is a file that must be there.
 * @throws {ConfigInvalidError} when a file cannot be read or makes no sense.
 */
export function readMachineSettings(given: Environment, mesh?: string): MachineSettings {
  const env = { ...readPodLabels(), ...given }
  const meshText = mesh === undefined ? readIfThere(machineFiles.mesh) : readText(mesh)
  const annotations = readIfThere(machineFiles.annotations)
  const { settings, findings } = readAgentSettings({
    env,
    ...(meshText ? { mesh: meshText } : {}),
    ...(annotations ? { annotations } : {}),
  })
  if (settings) return { ...settings, findings }
  const errors = findings.filter(({ severity }) => severity === 'error')
  throw new ConfigInvalidError(printableLines(errors.map(formatFinding).join('\n')))
}

/** Labels of the pod, as the variable that names those of a machine. */
function readPodLabels(): Environment {
  const labels = readIfThere(machineFiles.labels)
  if (!labels) return {}
  const entries = [...parsePodAnnotations(labels.text)].map(([name, { value }]) => [name, value])
  return { ISTIO_METAJSON_LABELS: JSON.stringify(Object.fromEntries(entries)) }
}

function readIfThere(file: string): NamedText | undefined {
  try {
    return readText(file)
  } catch (error) {
    const { cause } = error as { readonly cause?: NodeJS.ErrnoException }
    if (cause?.code === 'ENOENT' || cause?.code === 'ENOTDIR') return undefined
    throw error
  }
}

function readText(file: string): NamedText {
  try {
    return { file, text: readFileSync(file, 'utf8') }
  } catch (cause) {
    throw new ConfigInvalidError(`${file} cannot be read`, {
      cause,
      hint: 'Let this user read it, or name another MeshConfig with --mesh-config.',
    })
  }
}

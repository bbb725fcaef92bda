import { readFileSync } from 'node:fs'
import { readControlPlaneConfig } from '../config/control-plane-config.ts'
import { pilotVariables } from '../config/pilot-variables.ts'
import { ControllerOptions } from '../controller/options.ts'
import { isInsideCluster } from '../kubernetes/client/inside-cluster.ts'
import { agentWords } from './agent-words.ts'
import type { Invocation } from './command.ts'
import {
  type AgentOptionSources,
  agentOptionsGiven,
  readAgentOptions,
} from './read-agent-options.ts'
import { readConfigFile } from './read-config-file.ts'

export const controllerWords = agentWords(ControllerOptions, 'MESHDNS_CONTROLLER')

/**
 * Puts options together: flags over variables over istiod's variables over those of the IstioOperator
 * (`values.pilot.env`) over the file over defaults.
 * @throws {ConfigInvalidError} when something is unknown, of the wrong kind or out of range.
 */
export function readControllerOptions({ options, io }: Invocation): ControllerOptions {
  const file = options.text('config')
  const { env } = io
  return controllerOptionsOf(
    file === undefined ? { options, env } : { options, env, config: readConfigFile(file) },
  )
}

/** As `readControllerOptions`, of a file that was read. */
export function controllerOptionsOf(
  given: Pick<AgentOptionSources, 'options' | 'env' | 'config'>,
): ControllerOptions {
  const sources = {
    ...given,
    words: controllerWords,
    variables: pilotVariables,
    help: 'meshdns controller --help',
  }
  const { meshConfig } = readAgentOptions(ControllerOptions, sources)
  const pilotEnv = Object.fromEntries(readPilotEnv(meshConfig))
  const all = { ...sources, env: { ...pilotEnv, ...given.env } }
  const options = readAgentOptions(ControllerOptions, all)
  const said = new Set(agentOptionsGiven(all).map(({ path }) => path.join('.')))
  return forCluster(options, said, given.env)
}

/** In a pod that is given no files, the cluster is meant; and probes come from elsewhere. */
function forCluster(
  options: ControllerOptions,
  said: ReadonlySet<string>,
  env: AgentOptionSources['env'],
): ControllerOptions {
  const { sources, meshConfig, kubernetes, admin } = options
  const hasFiles = sources.length > 0 || meshConfig !== ''
  const isMeant = !said.has('kubernetes.enabled') && !hasFiles && isInsideCluster(env)
  if (!kubernetes.enabled && !isMeant) return options
  return {
    ...options,
    kubernetes: { ...kubernetes, enabled: true },
    admin: said.has('admin.address') ? admin : { ...admin, address: '*:15014' },
  }
}

/** A file that cannot be used is refused when the controller starts, with all that is wrong with it. */
function readPilotEnv(file: string): ReadonlyMap<string, string> {
  try {
    const text = file === '' ? '' : readFileSync(file, 'utf8')
    return readControlPlaneConfig(text, file).config?.pilotEnv ?? new Map()
  } catch {
    return new Map()
  }
}

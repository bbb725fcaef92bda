import { readFileSync } from 'node:fs'
import { readControlPlaneConfig } from '../config/control-plane-config.ts'
import { pilotVariables } from '../config/pilot-variables.ts'
import { ControllerOptions } from '../controller/options.ts'
import { agentWords } from './agent-words.ts'
import type { Invocation } from './command.ts'
import { type AgentOptionSources, readAgentOptions } from './read-agent-options.ts'
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
  return readAgentOptions(ControllerOptions, { ...sources, env: { ...pilotEnv, ...given.env } })
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

import type { OptionsSource } from '../agent/live-options.ts'
import { AgentOptions } from '../agent/options.ts'
import type { OptionFact } from '../agent/options-page.ts'
import { agentWords } from './agent-words.ts'
import type { Invocation } from './command.ts'
import { EnvironmentFiles } from './environment-files.ts'
import { givenOutboundPolicy } from './given-outbound-policy.ts'
import { givenProbe } from './given-probe.ts'
import { optionFacts } from './option-table.ts'
import {
  type AgentOptionSources,
  agentOptionsGiven,
  readAgentOptions,
} from './read-agent-options.ts'
import { readConfigFile } from './read-config-file.ts'
import { type MachineSettings, machineFiles, readMachineSettings } from './read-machine-settings.ts'

export const agentOptionWords = agentWords(AgentOptions)

/** Options with all that they were put together from. */
export interface ReadOptions {
  readonly options: AgentOptions
  readonly settings: MachineSettings
  readonly given: ReturnType<typeof agentOptionsGiven>
}

/** The options of this machine's agent: flags, environment and files, read anew each time. */
export class MachineOptions implements OptionsSource {
  readonly paths: readonly string[]
  readonly #invocation: Invocation
  readonly #environment: EnvironmentFiles
  readonly #mesh: string | undefined
  readonly #config: string | undefined

  constructor(invocation: Invocation) {
    const { options, io } = invocation
    // Node.js takes an `--env-file` for itself, wherever it stands.
    const files = options.texts('environment-file')
    this.#invocation = invocation
    this.#environment = new EnvironmentFiles(files, io.env)
    this.#mesh = (options.isGiven('mesh-config') && options.text('mesh-config')) || undefined
    this.#config = options.text('config')
    const config = this.#config === undefined ? [] : [this.#config]
    this.paths = [...files, this.#mesh ?? machineFiles.mesh, machineFiles.annotations, ...config]
  }

  read(): AgentOptions {
    return this.readAll().options
  }

  describe(): readonly OptionFact[] {
    const { options, given } = this.readAll()
    return optionFacts(options, { words: agentOptionWords, given })
  }

  /** @throws {ConfigInvalidError} when something makes no sense. */
  readAll(): ReadOptions {
    const environment = this.#environment.read()
    const settings = readMachineSettings(environment.env, this.#mesh)
    const sources: AgentOptionSources = {
      words: agentOptionWords,
      options: this.#invocation.options,
      env: settings.env,
      origins: new Map([...settings.origins, ...environment.origins]),
      settings: [...givenProbe(settings), ...givenOutboundPolicy(settings)],
      ...(this.#config === undefined ? {} : { config: readConfigFile(this.#config) }),
    }
    return {
      options: readAgentOptions(AgentOptions, sources),
      settings,
      given: agentOptionsGiven(sources),
    }
  }
}

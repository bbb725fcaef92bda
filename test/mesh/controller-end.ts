import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startControllerCatalog } from '../../src/agent/controller-catalog.ts'
import { createAgentPorts } from '../../src/agent/create-agent-ports.ts'
import { AgentOptions } from '../../src/agent/options.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { agentWords } from '../../src/cli/agent-words.ts'
import { istioVariables } from '../../src/cli/istio-variables.ts'
import { OptionValues } from '../../src/cli/option-values.ts'
import { readAgentOptions } from '../../src/cli/read-agent-options.ts'
import { type Environment, readAgentSettings } from '../../src/config/agent-settings.ts'
import { parseResolvConf } from '../../src/config/resolv-conf.ts'

export interface MachineFiles {
  /** With the token, the roots and the hosts file. */
  readonly folder: string
  /** Text of the file of the mesh. */
  readonly mesh: string
  readonly env: Environment
}

/** The end of an agent that speaks with its controller, as the files of a machine say; no DNS, no relay. */
export async function startControllerEnd(test: TestContext, { folder, mesh, env }: MachineFiles) {
  const { settings } = readAgentSettings({ env, mesh: { file: 'mesh', text: mesh } })
  assert.ok(settings)
  const text = JSON.stringify({
    stateFolder: folder,
    controller: { hostsFile: join(folder, 'hosts') },
    identity: {
      tokenFile: join(folder, 'istio-token'),
      rootsFile: join(folder, 'root-cert.pem'),
    },
  })
  const options = readAgentOptions(AgentOptions, {
    words: agentWords(AgentOptions),
    options: new OptionValues({}),
    variables: istioVariables,
    env: settings.env,
    config: { file: 'agent.yaml', text },
  })
  const ports = createAgentPorts({ clock: systemClock, log: silentLog })
  test.after(() => ports.scope.stop())
  const catalog = await startControllerCatalog(options, {
    ...ports,
    identity: { hostname: 'vm', version: '1.2.3', env: settings.env, interfaces: () => ({}) },
    outside: {
      lookup: () => Promise.reject(new Error('the hosts file has the only name')),
      resolvConf: () => parseResolvConf(''),
    },
  })
  return { catalog, ports, options }
}

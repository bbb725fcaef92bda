import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { startControllerCatalog } from '../../src/agent/controller-catalog.ts'
import { AgentOptions } from '../../src/agent/options.ts'
import { createAgentPorts } from '../../src/agent/start-agent.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { agentWords } from '../../src/cli/agent-words.ts'
import { OptionValues } from '../../src/cli/option-values.ts'
import { readAgentOptions } from '../../src/cli/read-agent-options.ts'
import { readAgentSettings } from '../../src/config/agent-settings.ts'
import { parseResolvConf } from '../../src/config/resolv-conf.ts'
import type { Controller } from '../../src/controller/start-controller.ts'
import { readCaFiles } from '../../src/identity/ca-files.ts'
import { formatCertificates } from '../../src/identity/certificates.ts'
import { issueToken } from '../../src/identity/issue-token.ts'
import { IdentityOptions } from '../../src/identity/options.ts'
import { openTokenKey } from '../../src/identity/token-key.ts'
import { entryYaml } from '../../src/testing/entry-yaml.ts'
import { startTestController } from '../../src/testing/start-test-controller.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'

/** What `workload entry configure` would have put on the machine. */
async function onboard(controller: Controller, stateFolder: string, folder: string) {
  const { tokenIssuer: issuer, tokenAudience: audience } = IdentityOptions.parse({})
  const { roots } = await readCaFiles(join(stateFolder, 'ca'), systemClock.wall())
  const token = await issueToken(
    { key: await openTokenKey(stateFolder), issuer, audience },
    { namespace: 'vms', serviceAccount: 'shop', durationSeconds: 60, nowMs: systemClock.wall() },
  )
  const [where] = controller.addresses().tls
  const files = {
    'root-cert.pem': formatCertificates(roots),
    'istio-token': token,
    hosts: '127.0.0.1 controller.test\n',
    mesh: `defaultConfig: { discoveryAddress: "controller.test:${where?.port}" }\n`,
  }
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o600 })
  }
  return files
}

/** The agent's end alone: no DNS, no relay. */
async function startEnd(test: TestContext, mesh: string, folder: string) {
  const real = { POD_NAMESPACE: 'vms', SERVICE_ACCOUNT: 'shop', OUTPUT_CERTS: join(folder, 'out') }
  const { settings } = readAgentSettings({ env: real, mesh: { file: 'mesh', text: mesh } })
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
  return { catalog, ports }
}

describe('a machine with a token and the roots of its controller', () => {
  it('gets a certificate and the services, by nothing but the files that it was given', {
    timeout: 60_000,
  }, async (test) => {
    const [state, folder, objects] = await Promise.all([
      temporaryFolder(test),
      temporaryFolder(test),
      temporaryFolder(test),
    ])
    await writeFile(join(objects, 'a.yaml'), entryYaml({ name: 'a', hosts: ['a.test'] }))
    const controller = await startTestController(test, { sources: [objects], stateFolder: state })
    const { mesh } = await onboard(controller, state, folder)
    const { catalog, ports } = await startEnd(test, mesh, folder)
    await until(() => catalog.services().size > 0)
    assert.deepEqual([...catalog.services().keys()], ['a.test'])
    assert.deepEqual(
      ports.health.items().map(({ code }) => code),
      [],
    )
  })
})

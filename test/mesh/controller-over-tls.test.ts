import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import type { Controller } from '../../src/controller/start-controller.ts'
import { readCa } from '../../src/identity/ca-files.ts'
import { CaFolder } from '../../src/identity/ca-folder.ts'
import { formatCertificates } from '../../src/identity/certificates.ts'
import { issueToken } from '../../src/identity/issue-token.ts'
import { IdentityOptions } from '../../src/identity/options.ts'
import { openTokenKey } from '../../src/identity/token-key.ts'
import { entryYaml } from '../../src/testing/entry-yaml.ts'
import { startTestController } from '../../src/testing/start-test-controller.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { startControllerEnd } from './controller-end.ts'

/** What `workload entry configure` would have put on the machine. */
async function onboard(controller: Controller, stateFolder: string, folder: string) {
  const { tokenIssuer: issuer, tokenAudience: audience } = IdentityOptions.parse({})
  const { roots } = await readCa(new CaFolder(join(stateFolder, 'ca')), systemClock.wall())
  const token = await issueToken(
    { key: await openTokenKey(stateFolder), issuer, audience },
    { namespace: 'vms', serviceAccount: 'shop', durationSeconds: 3_600, nowMs: systemClock.wall() },
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

describe('a machine with a token and the roots of its controller', () => {
  it('gets a certificate and the services, by nothing but the files that it was given', {
    timeout: 600_000,
  }, async (test) => {
    const [state, folder, objects] = await Promise.all([
      temporaryFolder(test),
      temporaryFolder(test),
      temporaryFolder(test),
    ])
    await writeFile(join(objects, 'a.yaml'), entryYaml({ name: 'a', hosts: ['a.test'] }))
    const controller = await startTestController(test, { sources: [objects], stateFolder: state })
    const { mesh } = await onboard(controller, state, folder)
    const env = { POD_NAMESPACE: 'vms', SERVICE_ACCOUNT: 'shop', OUTPUT_CERTS: join(folder, 'out') }
    const { catalog, ports } = await startControllerEnd(test, { folder, mesh, env })
    await until(() => catalog.services().size > 0)
    assert.deepEqual([...catalog.services().keys()], ['a.test'])
    assert.deepEqual(
      ports.health.items().map(({ code }) => code),
      [],
    )
  })
})

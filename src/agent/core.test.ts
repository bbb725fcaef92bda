import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { emptyLedger } from '../allocate/ledger.ts'
import { silentLog } from '../base/log.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { startFilesCatalog } from './catalog.ts'
import { startCore } from './core.ts'
import { createAgentPorts } from './create-agent-ports.ts'
import { AgentOptions } from './options.ts'

const mesh = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: one }
spec:
  hosts: [one.internal, two.internal, three.internal]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: shop }
spec:
  workloadSelector: { labels: { app: shop } }
  egress: [{ hosts: ['./one.internal'] }]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: usual, namespace: mesh-root }
spec:
  egress: [{ hosts: ['./two.internal', '*/three.internal'] }]
`

interface Case {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly want: readonly string[]
}

const cases: readonly Case[] = [
  {
    name: 'sees what the Sidecar of its labels lets through',
    options: { labels: ['class=metal', 'app=shop'], rootNamespace: 'mesh-root' },
    want: ['one.internal'],
  },
  {
    name: 'sees what the Sidecar of the root namespace lets through when none is of its labels',
    options: { labels: ['app=other'], rootNamespace: 'mesh-root' },
    want: ['three.internal', 'two.internal'],
  },
  {
    name: 'sees all when the root namespace is another',
    options: {},
    want: ['one.internal', 'three.internal', 'two.internal'],
  },
]

describe('an agent with files', () => {
  for (const { name, options, want } of cases) {
    it(name, async (test) => assert.deepEqual(await hostsSeen(test, options), want))
  }
})

async function hostsSeen(
  test: TestContext,
  given: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
  const folder = await temporaryFolder(test)
  const [file, resolvConf] = [join(folder, 'mesh.yaml'), join(folder, 'resolv.conf')]
  await writeFile(file, mesh)
  await writeFile(resolvConf, 'nameserver 192.0.2.53\n')
  const options = AgentOptions.parse({ sources: [file], resolvConf, ...given })
  const ports = createAgentPorts({ clock: new FakeClock(), log: silentLog })
  try {
    const core = await startCore(
      options,
      {
        own: [],
        startCatalog: () =>
          startFilesCatalog(options, { ledger: emptyLedger, save: async () => {} }, ports),
        families: () => [4, 6],
        relayServers: [],
        captureAddresses: async () => {},
      },
      ports,
    )
    return [...core.mesh.view.keys()].sort()
  } finally {
    await ports.scope.stop()
  }
}

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readMeshConfig } from '../../src/config/read-mesh-config.ts'
import { isPlainMap, type PlainMap } from '../../src/documents/plain-map.ts'
import { injectPod } from '../../src/inject/inject-pod.ts'
import { annotationsOf, listOf, type Named, type Pod } from '../../src/inject/pod-parts.ts'
import type { IpFamily } from '../../src/ip/address.ts'
import { bareInjectionMesh } from '../../src/testing/bare-injection-mesh.ts'
import type { HostProcess, Outcome } from '../../src/testing/test-network.ts'
import { MachineHost } from '../mesh/machine-host.ts'
import { machineProgram } from '../mesh/machine-root.ts'
import { controllerAddress, type MeshOfMachines } from '../mesh/mesh-of-machines.ts'

export interface PodWishes {
  readonly annotations?: Readonly<Record<string, string>>
  readonly families?: readonly IpFamily[]
  /** A MeshConfig. */
  readonly mesh?: string
  /** Last part of its addresses. */
  readonly last?: number
}

const name = 'cart'
const namespace = 'vms'
const upstream: Readonly<Record<IpFamily, string>> = { 4: '192.0.2.53', 6: '2001:db8::53' }

/**
 * A pod as its specification says after injection, in a namespace: each container with its user, capabilities, environment
 * and volumes, on a root that nobody may write.
 */
export class PodHost {
  readonly host: MachineHost
  readonly spec: Pod
  readonly #facts: Readonly<Record<string, string>>
  readonly #mesh: MeshOfMachines

  private constructor(
    mesh: MeshOfMachines,
    host: MachineHost,
    spec: Pod,
    facts: Readonly<Record<string, string>>,
  ) {
    this.#mesh = mesh
    this.host = host
    this.spec = spec
    this.#facts = facts
  }

  /** Of the namespace `vms`, whose service account `shop` there is; nothing of it runs when this returns. */
  static async create(mesh: MeshOfMachines, wishes: PodWishes = {}): Promise<PodHost> {
    const { families = [4, 6], last = 21, annotations = {} } = wishes
    const hostName = `pod${last}`
    mesh.hosts.addHost(hostName, last, families)
    const host = new MachineHost(mesh.hosts, hostName, mesh.folderOf(hostName))
    const spec = injected(wishes, annotations)
    const [address = ''] = families.map(
      (family) => `${family === 4 ? '192.0.2.' : '2001:db8::'}${last}`,
    )
    const { root } = host
    const servers = families.map((family) => `nameserver ${upstream[family]}\n`).join('')
    root.write('/etc/resolv.conf', `search vms.svc.cluster.local\n${servers}options ndots:5\n`)
    const controllers = { 4: controllerAddress, 6: '2001:db8::1' }
    const hosts = families.map((family) => `${controllers[family]} istiod.istio-system.svc\n`)
    root.write('/etc/hosts', `127.0.0.1 localhost\n${hosts.join('')}`)
    const quoted = [...annotationsOf(spec)].map(([key, text]) => `${key}=${JSON.stringify(text)}\n`)
    root.write('/etc/istio/pod/annotations', quoted.join(''))
    root.write('/etc/istio/pod/labels', 'app="cart"\n')
    const bundle = mesh.folderOf(`${hostName}-files`)
    const which = ['--name', 'shop', '--namespace', namespace, '--output', bundle]
    const reached = ['--ingressIP', controllerAddress]
    await mesh.controller.meshdns('workload', 'entry', 'configure', ...which, ...reached)
    const give = (file: string, path: string) =>
      root.write(path, readFileSync(join(bundle, file), 'utf8'))
    give('root-cert.pem', '/var/run/secrets/istio/root-cert.pem')
    give('istio-token', '/var/run/secrets/tokens/istio-token')
    mkdirSync(root.file('/var/lib/meshdns'))
    return new PodHost(mesh, host, spec, {
      'metadata.name': name,
      'metadata.namespace': namespace,
      'status.podIP': address,
      'status.podIPs': address,
      'spec.serviceAccountName': 'shop',
      'status.hostIP': '192.0.2.254',
      'spec.nodeName': 'node-1',
    })
  }

  /** Runs a container of ours, as the node would; it becomes the very process that is returned. */
  start(containerName: string): HostProcess {
    const container = this.#container(containerName)
    const { args } = container
    assert.ok(Array.isArray(args))
    const isolated = [
      // The emptyDir, and nothing else, may be written.
      'mount -t tmpfs -o mode=777 tmpfs /var/lib/meshdns',
      'for at in /var /run /; do mount -o remount,bind,ro $at; done',
      'exec "$@"',
    ]
    const words = ['sh', '-euc', isolated.join('\n'), 'sh', ...privileges(container)]
    return this.host.start(
      [...words, '--', machineProgram, ...args.map(String)],
      this.#env(container),
    )
  }

  /** Runs the container that sets the rules, if there is one, to its end. */
  async init(): Promise<void> {
    if (!listOf(this.spec, 'initContainers').some((one) => one.name === 'istio-init')) return
    const container = this.start('istio-init')
    const code = await container.ended
    assert.equal(code, 0, `${container.stdout.text}${container.stderr.text}`)
  }

  /** Asks as the node does, from outside, until the startup probe of the agent is content. */
  async started(): Promise<void> {
    const probe = this.#container('istio-proxy')['startupProbe'] as {
      readonly httpGet: { readonly path: string; readonly port: number }
    }
    const { path, port } = probe.httpGet
    const ip = this.#facts['status.podIP'] ?? ''
    const url = `http://${ip.includes(':') ? `[${ip}]` : ip}:${port}${path}`
    const script = `for try in $(seq 1500); do curl -sf --max-time 5 '${url}' && exit 0; sleep 0.1; done; exit 1`
    const { code, stderr } = await this.#mesh.hosts.run('ep', ['sh', '-c', script])
    assert.equal(code, 0, stderr)
  }

  run(...argv: readonly string[]): Promise<Outcome> {
    return this.host.run(...argv)
  }

  #container(containerName: string): Named {
    const all = [...listOf(this.spec, 'initContainers'), ...listOf(this.spec, 'containers')]
    const found = all.find((one) => one.name === containerName)
    assert.ok(found, `no container ${containerName}`)
    return found
  }

  #env({ env }: Named): NodeJS.ProcessEnv {
    assert.ok(Array.isArray(env))
    const entries = env.map((variable: PlainMap) => [
      String(variable['name']),
      this.#valueOf(variable),
    ])
    const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    return { PATH: path, ...Object.fromEntries(entries) }
  }

  #valueOf({ value, valueFrom }: PlainMap): string {
    if (typeof value === 'string') return value
    const { fieldRef } = valueFrom as { readonly fieldRef: { readonly fieldPath: string } }
    const fact = this.#facts[fieldRef.fieldPath]
    assert.ok(fact !== undefined, fieldRef.fieldPath)
    return fact
  }
}

function injected({ mesh = '' }: PodWishes, annotations: Readonly<Record<string, string>>): Pod {
  const outcome = injectPod({
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: 'cart' }, annotations },
      spec: { serviceAccountName: 'shop', containers: [{ name: 'app', image: 'app' }] },
    },
    namespace,
    mesh: bareInjectionMesh(readMeshConfig(mesh, 'mesh').mesh),
  })
  assert.ok(outcome.kind === 'injected')
  return outcome.pod
}

/** What a container's securityContext leaves of root's rights. */
function privileges({ securityContext }: Named): readonly string[] {
  assert.ok(isPlainMap(securityContext))
  const { runAsUser, runAsGroup, capabilities, allowPrivilegeEscalation } = securityContext
  const { add = [], drop } = capabilities as {
    readonly add?: readonly string[]
    readonly drop: readonly string[]
  }
  assert.deepEqual(drop, ['ALL'])
  const kept = ['-all', ...add.map((one) => `+${one.toLowerCase()}`)].join()
  return [
    'setpriv',
    `--reuid=${runAsUser as number}`,
    `--regid=${runAsGroup as number}`,
    '--clear-groups',
    `--inh-caps=${kept}`,
    `--bounding-set=${kept}`,
    ...(allowPrivilegeEscalation === false ? ['--no-new-privs'] : []),
  ]
}

import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { needSystemProgram } from '../../../sandbox/programs.ts'
import { startEndpoints } from '../endpoints.ts'
import { execute } from '../execute.ts'
import { packageRoot, programPaths } from '../own-programs.ts'
import { makePrivateNetwork } from '../private-network.ts'
import { startUpstream, upstream } from '../upstream.ts'
import { bridge, DemoMachine } from './demo-machine.ts'
import { makeMachineRoot, writeOwnPrograms } from './machine-root.ts'

/** Of the machines. */
const addresses = { controller: '192.0.2.10', vm1: '192.0.2.21', vm2: '192.0.2.22' } as const

/** What the demo plays in. */
export interface MeshNetwork {
  /** Holds the roots of the machines, and the files that a person would have. */
  readonly folder: string
  readonly controller: DemoMachine
  readonly vms: readonly DemoMachine[]
  /** What the server of resolv.conf was asked. */
  readonly asked: readonly string[]
}

/** A bridge for three machines that are still to be booted, next to the endpoints and the DNS server of the namespaces that we are in. */
export async function makeMeshNetwork(path: string): Promise<MeshNetwork> {
  const visible = programPaths()
  const folder = makePrivateNetwork(path, [...visible, process.cwd()])
  const ip = needSystemProgram('ip', path, 'iproute2')
  const steps = [
    `link add ${bridge.name} type bridge`,
    `link set ${bridge.name} up`,
    `addr add ${bridge.address} dev ${bridge.name}`,
  ]
  execute([ip, '-batch', '-'], [...steps, ''].join('\n'))
  await startEndpoints()
  const asked = await startUpstream()
  writeOwnPrograms(join(folder, 'bin'))
  writeFileSync(join(folder, 'iop.yaml'), operator)
  symlinkSync(join(packageRoot, 'examples'), join(folder, 'examples'))
  const cache = join(folder, 'cache')
  mkdirSync(cache)
  const machine = (name: keyof typeof addresses) => {
    const root = join(folder, name)
    makeMachineRoot(root, `nameserver ${upstream.address}\n`)
    return new DemoMachine({ name, address: addresses[name], root, path, visible, cache })
  }
  return { folder, controller: machine('controller'), vms: [machine('vm1'), machine('vm2')], asked }
}

/** As Istio's page «DNS Proxying» has it. */
const operator = `apiVersion: install.istio.io/v1alpha1
kind: IstioOperator
spec:
  meshConfig:
    defaultConfig:
      proxyMetadata:
        # Enable basic DNS proxying
        ISTIO_META_DNS_CAPTURE: "true"
        # Enable automatic address allocation, optional
        ISTIO_META_DNS_AUTO_ALLOCATE: "true"
`

import { z } from 'zod'
import { AdminOptions } from '../admin/options.ts'
import { VirtualAddressOptions } from '../allocate/options.ts'
import { logLevels } from '../base/log.ts'
import { CaptureOptions } from '../capture/options.ts'
import { RelayOptions } from '../dataplane/options.ts'
import { FilesOptions } from '../files/options.ts'
import { MachineIdentityOptions } from '../identity/options.ts'
import { isSocketAddress } from '../ip/socket-address.ts'
import { ResolverOptions } from '../resolve/options.ts'
import { ServeOptions } from '../serve/options.ts'
import { ControllerOptions } from '../xds/client/options.ts'
import { WorkloadProbeOptions } from '../xds/probe/options.ts'
import { NodeOptions } from './node/options.ts'

const shape = z.strictObject({
  sources: z
    .array(z.string())
    .default([])
    .describe('Files and folders with ServiceEntries and other objects; folders are read whole.'),
  namespace: z
    .string()
    .min(1)
    .default('default')
    .describe('Namespace of this machine: decides what it sees, and short names.'),
  labels: z
    .array(z.string().regex(/^[^=]+=/, 'must be NAME=VALUE, such as app=shop'))
    .default([])
    .describe('Labels of this machine, NAME=VALUE: by them Sidecars of files select it.'),
  network: z
    .string()
    .default('')
    .describe('Network of this machine: endpoints of another one are further away.'),
  locality: z
    .string()
    .default('')
    .describe(
      'Where this machine is, REGION/ZONE/SUBZONE; when empty as its labels say, or the controller of its node.',
    ),
  rootNamespace: z
    .string()
    .min(1)
    .default('istio-system')
    .describe('Namespace whose Sidecar counts for namespaces that have none; with files only.'),
  clusterDomain: z
    .string()
    .min(1)
    .default('cluster.local')
    .describe('Domain of Kubernetes Services.'),
  stateFolder: z
    .string()
    .default('/var/lib/meshdns')
    .describe(
      'Folder of what must outlive a restart: virtual addresses, or the table of the controller.',
    ),
  resolvConf: z
    .string()
    .default('/etc/resolv.conf')
    .describe('File that names the upstreams; it is followed while we run.'),
  listen: z
    .string()
    .refine(isListenAddress, 'must be ADDRESS:PORT, such as localhost:15053')
    .default('localhost:15053')
    .describe('Where questions are answered, ADDRESS:PORT; `localhost` is 127.0.0.1 and ::1.'),
  logLevel: z
    .enum(logLevels)
    .default('info')
    .describe('From which level on log lines are written.'),
  captureEnabled: z
    .boolean()
    .default(false)
    .describe('Whether this machine’s DNS and connections to the mesh are caught.'),
  files: FilesOptions.prefault({}),
  capture: CaptureOptions.prefault({}),
  virtualAddresses: VirtualAddressOptions.prefault({}),
  resolver: ResolverOptions.prefault({}),
  serve: ServeOptions.prefault({}),
  relay: RelayOptions.prefault({}),
  admin: AdminOptions.prefault({}),
  controller: ControllerOptions.prefault({}),
  identity: MachineIdentityOptions.prefault({}),
  readinessProbe: WorkloadProbeOptions.prefault({}),
  node: NodeOptions.prefault({}),
})

/** Everything an agent can be told. Defaults live here and in the options it is composed of. */
export const AgentOptions = shape.refine(
  ({ sources, controller }) => sources.length === 0 || controller.addresses.length === 0,
  {
    path: ['sources'],
    error:
      'services come either from files or from a controller; leave out `sources`, or `controller.addresses`',
  },
)
export type AgentOptions = z.infer<typeof shape>

/** As `listenAddresses` understands it. */
function isListenAddress(text: string): boolean {
  return isSocketAddress(text.replace(/^(?:localhost)?:/, '127.0.0.1:'))
}

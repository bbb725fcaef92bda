import { z } from 'zod'
import { AdminOptions } from '../admin/options.ts'
import { AdmissionOptions } from '../admission/options.ts'
import { VirtualAddressOptions } from '../allocate/options.ts'
import { logLevels } from '../base/log.ts'
import { FilesOptions } from '../files/options.ts'
import { IdentityOptions } from '../identity/options.ts'
import { XdsServerOptions } from '../xds/server/options.ts'
import { KubernetesOptions } from './cluster/options.ts'
import { RegistrationOptions } from './registration/options.ts'

/** What comes in by a rename is whole; other changes have to wait until writing ended. */
const ControllerFilesOptions = FilesOptions.extend({
  settleMs: FilesOptions.shape.settleMs
    .unwrap()
    .default(20)
    .describe(FilesOptions.shape.settleMs.description ?? ''),
})

/** Everything a controller can be told. Defaults live here and in the options it is composed of. */
export const ControllerOptions = z.strictObject({
  sources: z
    .array(z.string())
    .default([])
    .describe('Files and folders with ServiceEntries and other objects; folders are read whole.'),
  meshConfig: z
    .string()
    .default('')
    .describe(
      'File with an IstioOperator or a MeshConfig, followed while we run; without one, the defaults hold.',
    ),
  namespace: z.string().min(1).default('default').describe('Namespace of objects that name none.'),
  clusterDomain: z
    .string()
    .min(1)
    .default('cluster.local')
    .describe('Domain of Kubernetes Services.'),
  clusterId: z
    .string()
    .regex(
      /^([a-zA-Z0-9]([-_.a-zA-Z0-9]{0,251}[a-zA-Z0-9])?)?$/,
      'must be letters, digits and "-_."',
    )
    .default('')
    .describe(
      'Name of this cluster, the first part of what workloads are called, where the IstioOperator has no `values.global.multiCluster.clusterName`; `Kubernetes` where nobody says.',
    ),
  stateFolder: z
    .string()
    .default('/var/lib/meshdns-controller')
    .describe(
      'Folder of what must outlive a restart: virtual addresses, entries of registered machines, the CA, the key of tokens.',
    ),
  logLevel: z
    .enum(logLevels)
    .default('info')
    .describe('From which level on log lines are written.'),
  kubernetes: KubernetesOptions.prefault({}),
  files: ControllerFilesOptions.prefault({}),
  virtualAddresses: VirtualAddressOptions.prefault({}),
  xds: XdsServerOptions.prefault({}),
  identity: IdentityOptions.prefault({}),
  registration: RegistrationOptions.prefault({}),
  admission: AdmissionOptions.prefault({}),
  admin: AdminOptions.omit({ readinessAddress: true })
    .extend({
      address: AdminOptions.shape.address
        .unwrap()
        .default('127.0.0.1:15014')
        .describe(AdminOptions.shape.address.description ?? ''),
    })
    .prefault({}),
})
export type ControllerOptions = z.infer<typeof ControllerOptions>

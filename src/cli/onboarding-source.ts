import { existsSync } from 'node:fs'
import type { ControllerOptions } from '../controller/options.ts'
import { controllerLayout } from '../install/controller/layout.ts'
import { ClusterSource } from '../install/onboarding/cluster-source.ts'
import { MachineSource } from '../install/onboarding/machine-source.ts'
import type { OnboardingSource } from '../install/onboarding/source.ts'
import { clusterOptions, openCluster, readTarget, targetOption } from './cluster-target.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { OptionValues } from './option-values.ts'
import { readConfigFile } from './read-config-file.ts'
import { controllerOptionsOf } from './read-controller-options.ts'
import { readInput } from './read-input.ts'

/** Where the controller of this machine has its files. */
const machineSourceOptions: readonly OptionSpec[] = [
  {
    flags: '--config <file>',
    summary: 'options of the controller; they say where the files below are',
    fallback: controllerLayout.options,
  },
  {
    flags: '--mesh-config <file>',
    summary: 'IstioOperator or MeshConfig of the controller, in place of what its options say',
  },
  {
    flags: '--objects <path>',
    summary: 'file or folder that the controller reads, in place of what its options say',
    repeatable: true,
  },
  {
    flags: '--state-folder <path>',
    summary: 'state folder of the controller, in place of what its options say',
  },
  {
    flags: '--ca-folder <path>',
    summary: "folder of the CA's files, in place of what its options say",
  },
]

/** Where the mesh is described: on this machine, or in a cluster. */
export const sourceOptions: readonly OptionSpec[] = [
  targetOption,
  ...clusterOptions,
  ...machineSourceOptions,
]

const machineWords = ['config', 'mesh-config', 'objects', 'state-folder', 'ca-folder']

/**
 * The machine that we are on, or a cluster.
 * @throws {UsageError} when both are meant.
 * @throws {ClusterAccessError} when there is no cluster.
 * @throws {ConfigInvalidError} when the options of the controller make no sense.
 */
export async function openOnboardingSource(invocation: Invocation): Promise<OnboardingSource> {
  const { options } = invocation
  if (readTarget(invocation, { machine: machineWords }).target === 'machine') {
    return openMachineSource(invocation)
  }
  return new ClusterSource(await openCluster(invocation), {
    namespace: options.text('istioNamespace') ?? 'istio-system',
    revision: options.text('revision') ?? '',
    clusterId: options.text('clusterID'),
  })
}

function openMachineSource({ options, io }: Invocation): OnboardingSource {
  const controller = readOptions(options)
  const { clusterId, identity } = controller
  const { tokenIssuer, tokenAudience, caFolder } = identity
  const stateFolder = options.text('state-folder') ?? controller.stateFolder
  const own = caFolder === '' ? `${stateFolder}/ca` : caFolder
  const given = options.texts('objects')
  const objects = given.length > 0 ? given : controller.sources
  return new MachineSource(
    {
      mesh: controller.meshConfig,
      stateFolder,
      caFolder: options.text('ca-folder') ?? own,
      tokenIssuer,
      tokenAudience,
      own: { ...identity, clusterId },
    },
    async () => (await readInput(objects, io.stdin)).documents,
    io.clock,
  )
}

/** What the controller would go by: its file, and the mesh. Our own environment is not that of the controller. */
function readOptions(options: OptionValues): ControllerOptions {
  const meshConfig = options.text('mesh-config')
  const file = options.text('config') ?? controllerLayout.options
  const isThere = options.isGiven('config') || existsSync(file)
  return controllerOptionsOf({
    options: new OptionValues(meshConfig === undefined ? {} : { meshConfig }),
    config: isThere ? readConfigFile(file) : { file, text: JSON.stringify(installed) },
    env: {},
  })
}

/** What `meshdns install` would have said where there is no file and none was named. */
const installed = {
  meshConfig: controllerLayout.mesh,
  sources: [controllerLayout.objects],
  stateFolder: controllerLayout.state,
}

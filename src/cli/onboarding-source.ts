import { existsSync } from 'node:fs'
import type { ControllerOptions } from '../controller/options.ts'
import { controllerLayout } from '../install/controller/layout.ts'
import { MachineSource } from '../install/onboarding/machine-source.ts'
import type { OnboardingSource } from '../install/onboarding/source.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { OptionValues } from './option-values.ts'
import { readConfigFile } from './read-config-file.ts'
import { controllerOptionsOf } from './read-controller-options.ts'
import { readInput } from './read-input.ts'

/** Where the controller of this machine has its files. */
export const machineSourceOptions: readonly OptionSpec[] = [
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

/**
 * The machine that we are on; Kubernetes would be another.
 * @throws {ConfigInvalidError} when the options of the controller make no sense.
 */
export function openOnboardingSource({ options, io }: Invocation): OnboardingSource {
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

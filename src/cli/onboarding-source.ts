import { IdentityOptions } from '../identity/options.ts'
import { controllerLayout } from '../install/controller/layout.ts'
import { MachineSource } from '../install/onboarding/machine-source.ts'
import type { OnboardingSource } from '../install/onboarding/source.ts'
import type { Invocation, OptionSpec } from './command.ts'
import { readInput } from './read-input.ts'

/** Where the controller of this machine has its files. */
export const machineSourceOptions: readonly OptionSpec[] = [
  {
    flags: '--mesh-config <file>',
    summary: 'IstioOperator or MeshConfig of the controller',
    fallback: controllerLayout.mesh,
  },
  {
    flags: '--objects <path>',
    summary: 'file or folder that the controller reads',
    repeatable: true,
    fallback: controllerLayout.objects,
  },
  {
    flags: '--state-folder <path>',
    summary: 'state folder of the controller, with the key that signs tokens',
    fallback: controllerLayout.state,
  },
  {
    flags: '--ca-folder <path>',
    summary: "folder of the CA's files; without it, the folder ca of the state folder",
  },
]

/** The machine that we are on; Kubernetes would be another. */
export function openOnboardingSource({ options, io }: Invocation): OnboardingSource {
  const stateFolder = options.text('state-folder') ?? controllerLayout.state
  const { tokenIssuer, tokenAudience } = IdentityOptions.parse({})
  return new MachineSource(
    {
      mesh: options.text('mesh-config') ?? controllerLayout.mesh,
      stateFolder,
      caFolder: options.text('ca-folder') ?? `${stateFolder}/ca`,
      tokenIssuer,
      tokenAudience,
    },
    async () => (await readInput(options.texts('objects'), io.stdin)).documents,
    io.clock,
  )
}

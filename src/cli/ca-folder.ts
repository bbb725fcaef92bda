import { IdentityOptions } from '../identity/options.ts'
import { controllerLayout } from '../install/controller/layout.ts'
import type { Invocation, OptionSpec } from './command.ts'

/** Where the CA of this machine's controller is. */
export const caFolderOptions: readonly OptionSpec[] = [
  {
    flags: '--state-folder <path>',
    summary: 'state folder of the controller',
    fallback: controllerLayout.state,
  },
  {
    flags: '--ca-folder <path>',
    summary: "folder of the CA's files; without it, the folder ca of the state folder",
  },
]

export const longestCertificateOption: OptionSpec = {
  flags: '--longest-certificate <seconds>',
  summary: 'longest lifetime of a certificate that the controller gives',
  fallback: String(IdentityOptions.shape.maxCertificateSeconds.def.defaultValue),
}

export function readCaFolder({ options }: Invocation): string {
  return options.text('ca-folder') ?? `${options.text('state-folder') ?? controllerLayout.state}/ca`
}

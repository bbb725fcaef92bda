import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Files of the folder `packaging` of the package, or of the checkout. */
export type PackagedFile =
  | 'controller.yaml'
  | 'meshdns-controller.service'
  | 'meshdns-controller.sysusers.conf'
  | 'meshdns-vm.conf'
  | 'meshdns-vm.tmpfiles.conf'
  | 'meshdns.service'
  | 'meshdns.sysusers.conf'
  | 'remove-capture'
  | 'sidecar.env'

/** Where the units look for the program. */
const packagedProgram = '/usr/bin/meshdns'

/** How a unit starts the program, as it stands in a unit: words a space apart. */
export type ProgramWords = string

/** What a file holds; units start the given program. */
export function readPackaged(name: PackagedFile, program: ProgramWords = packagedProgram): string {
  const text = readFileSync(packagedPath(name), 'utf8')
  return text.replaceAll(`=${packagedProgram} `, `=${program} `)
}

export function packagedPath(name: PackagedFile): string {
  return fileURLToPath(new URL(`../../packaging/${name}`, import.meta.url))
}

/** Words as systemd reads them in a unit (systemd.service(5), «Command lines»). */
export function programWords(words: readonly string[]): ProgramWords {
  return words.map(unitWord).join(' ')
}

function unitWord(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  if (/^[\w@%+=:,./$-]+$/.test(escaped)) return escaped
  return `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

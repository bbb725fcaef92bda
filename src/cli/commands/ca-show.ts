import { describeCa } from '../../identity/describe-ca.ts'
import { caPlaceOptions, openCaPlace } from '../ca-place.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { outputOption, print } from '../output.ts'
import { formatTable } from '../table.ts'

export const command: Command = {
  description:
    'Shows the CA of the controller of this machine or of a cluster: who signs, and which roots are trusted until when.',
  operands: [],
  options: [...caPlaceOptions, outputOption],
  examples: [{ command: 'meshdns ca show', says: 'the CA of an installed controller' }],
  fields: [
    { path: 'place', says: "where the CA's files are: a folder, or a Secret" },
    { path: 'issuer', says: 'name of the certificate that signs' },
    { path: 'issuerUntil', says: 'when that ends' },
    { path: 'roots[].subject', says: 'name of a root' },
    { path: 'roots[].role', says: 'signs, next (once it is activated), or trusted' },
    { path: 'roots[].until', says: 'when it ends' },
    { path: 'roots[].fingerprint', says: 'SHA-256, in hexadecimal' },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const ca = await describeCa(await openCaPlace(invocation), invocation.io.clock.wall())
  const rows = ca.roots.map(({ subject, role, until, fingerprint }) => [
    role,
    until.slice(0, 10),
    subject,
    fingerprint.slice(0, 16),
  ])
  const head = ['ROOT', 'UNTIL', 'NAME', 'FINGERPRINT']
  await print(invocation, {
    forPeople: (color) =>
      `${ca.place}: ${ca.issuer} signs, until ${ca.issuerUntil.slice(0, 10)}\n\n` +
      formatTable({ head, rows, empty: 'No roots.' }, color),
    value: ca,
  })
  return exitCodes.done
}

import { tryParseIp } from '../../ip/address.ts'
import { nameKey, parseName } from '../../wire/name.ts'
import type { Command, Invocation } from '../command.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { explainAddress } from '../explain-address.ts'
import { explainName } from '../explain-name.ts'
import { formatExplanation } from '../explanation.ts'
import { offlineNames } from '../offline-names.ts'
import { outputOption, print } from '../output.ts'
import { meshOptions, readMesh } from '../read-mesh.ts'
import { warnOfFindings } from '../warn-of-findings.ts'

export const command: Command = {
  description:
    'Says why a name or an address resolves as it does: the entry with file and line, which others lost and why, ' +
    'the address and whether it is virtual, where connections go, or which upstream is asked.',
  operands: [{ name: 'name', summary: 'a name, or an address' }],
  options: [...meshOptions, outputOption],
  examples: [
    { command: 'meshdns explain auto.internal', says: 'what the controllers of the cluster say' },
    { command: 'meshdns explain -f examples auto.internal', says: 'a name of the mesh' },
    { command: 'meshdns explain -f examples 240.240.0.1', says: 'whose address it is' },
    { command: 'meshdns explain -f examples example.com', says: 'a name outside of it' },
    {
      command: 'meshdns explain --controller 127.0.0.1:15014 auto.internal',
      says: 'what the controller of this machine says',
    },
  ],
  fields: [
    { path: 'subject', says: 'the name or address that was asked about' },
    { path: 'verdict', says: 'the conclusion, for people' },
    { path: 'host', says: 'of the mesh; missing when it is not of the mesh' },
    { path: 'namespace', says: 'of that host' },
    { path: 'facts[].topic', says: 'name, declared by, not used, address, connection or upstream' },
    { path: 'facts[].text', says: 'for people' },
    {
      path: 'facts[].place',
      says: 'FILE:LINE where it says so, in a cluster KIND NAMESPACE/NAME; may be missing',
    },
  ],
  run,
}

async function run(invocation: Invocation): Promise<ExitCode> {
  const [text = ''] = invocation.operands
  const address = tryParseIp(text)
  const name = address === undefined ? nameKey(parseName(text)).replace(/\.$/, '') : ''
  const mesh = await readMesh(invocation)
  warnOfFindings(mesh.findings, invocation.io)
  const explanation =
    address === undefined
      ? explainName(name, mesh, offlineNames(mesh))
      : explainAddress(address, mesh)
  await print(invocation, {
    forPeople: () => formatExplanation(explanation),
    value: explanation,
  })
  return exitCodes.done
}

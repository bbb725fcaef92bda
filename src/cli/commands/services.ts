import type { MeshHost } from '../../registry/view.ts'
import type { Command, Invocation } from '../command.ts'
import {
  declarationFields,
  explicitOf,
  formatPlace,
  formatPorts,
  formatResolution,
  hostValue,
} from '../describe-service.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { outputOption, print } from '../output.ts'
import { meshOptions, readMesh } from '../read-mesh.ts'
import { formatTable } from '../table.ts'
import { warnOfFindings } from '../warn-of-findings.ts'

export const command: Command = {
  description:
    'Lists the hosts that an application of the namespace sees, with the addresses they are answered with.',
  operands: [],
  options: [...meshOptions, outputOption],
  examples: [
    { command: 'meshdns services', says: 'what the controllers of the cluster say' },
    { command: 'meshdns services -f examples', says: 'what the files declare' },
    { command: 'meshdns services -f examples -o json', says: 'the same for programs' },
    {
      command: 'meshdns services --controller 127.0.0.1:15014',
      says: 'what the controller of this machine says',
    },
  ],
  fields: [
    { path: 'services[].host', says: 'the host, in lower case; a wildcard begins with *.' },
    { path: 'services[].namespace', says: 'whose declaration of the host is in force' },
    { path: 'services[].addresses[]', says: 'addresses and ranges that its objects give' },
    { path: 'services[].virtualAddresses[]', says: 'those that meshdns gives' },
    ...declarationFields('services[].declarations[]'),
  ],
  run,
}

const head = ['HOST', 'NAMESPACE', 'ADDRESS', 'PORTS', 'RESOLUTION', 'ENDPOINTS', 'FROM']

async function run(invocation: Invocation): Promise<ExitCode> {
  const { view, findings } = await readMesh(invocation)
  warnOfFindings(findings, invocation.io)
  const hosts = [...view.values()].sort((a, b) => (a.host < b.host ? -1 : 1))
  await print(invocation, {
    forPeople: (color) =>
      formatTable({ head, rows: hosts.map(rowOf), empty: 'No services.' }, color),
    value: { services: hosts.map(hostValue) },
  })
  return exitCodes.done
}

function rowOf(meshHost: MeshHost): string[] {
  const { host, namespace, services, virtual } = meshHost
  const explicit = explicitOf(services)
  const endpoints = services.flatMap((service) => service.endpoints)
  const ready = endpoints.filter(({ healthy }) => healthy).length
  return [
    host,
    namespace,
    (explicit.length > 0 ? explicit : virtual).join(',') || '-',
    formatPorts(services) || '-',
    [...new Set(services.map(formatResolution))].join(','),
    ready === endpoints.length ? `${ready}` : `${ready} of ${endpoints.length} ready`,
    services.map(({ origin }) => formatPlace(origin)).join(','),
  ]
}

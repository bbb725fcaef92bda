import { renderIptables } from '../capture/iptables.ts'
import { renderNftables } from '../capture/nftables.ts'
import type { CapturePlan } from '../capture/plan.ts'
import type { SetupStep } from './message.ts'
import { findSystemProgram, ProgramMissingError } from './programs.ts'

/** Where questions are answered inside the namespace, on loopback. */
export const dnsPort = 15053
/** Where connections are taken inside the namespace, on loopback. */
export const relayPort = 15001

/** Addresses of the mesh; in the namespace every connection is caught, so they only come first. */
export type MeshAddresses = Pick<CapturePlan, 'virtualPrefixes' | 'addresses'>

/**
 * Loads rules that catch every question and every connection: nftables, else iptables.
 * @throws {ProgramMissingError} when neither is installed.
 */
export function captureSteps(path: string, mesh: MeshAddresses): readonly SetupStep[] {
  const plan: CapturePlan = {
    ...mesh,
    dns: 'all',
    tcp: 'all',
    agentPort: dnsPort,
    relayPort,
    exempt: { uids: [], gids: [] },
    excluded: { ports: [], prefixes: [] },
    ipv6: true,
  }
  const purpose = 'load the capture rules'
  const nft = findSystemProgram('nft', path)
  if (nft !== undefined) return [{ purpose, argv: [nft, '-f', '-'], input: renderNftables(plan) }]
  const restore = findSystemProgram('iptables-restore', path)
  const restore6 = findSystemProgram('ip6tables-restore', path)
  if (restore === undefined || restore6 === undefined) {
    throw new ProgramMissingError('nft', 'nftables')
  }
  const words = ['--noflush']
  return [
    { purpose, argv: [restore, ...words], input: renderIptables(plan, 4) },
    {
      purpose: 'load the capture rules for IPv6',
      argv: [restore6, ...words],
      input: renderIptables(plan, 6),
      optional: true,
    },
  ]
}

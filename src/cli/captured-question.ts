import { readFile } from 'node:fs/promises'
import { parseResolvConf } from '../config/resolv-conf.ts'
import { parseIp } from '../ip/address.ts'
import { reverseName } from '../ip/reverse-name.ts'
import { formatSocketAddress, type SocketAddress } from '../ip/socket-address.ts'
import type { Message } from '../wire/message.ts'
import { parseName } from '../wire/name.ts'
import { recordClass } from '../wire/record-class.ts'
import { recordType } from '../wire/record-type.ts'
import { askServer } from './ask-server.ts'
import { causesOf } from './print-error.ts'

/** The last virtual address, whose name no server but an agent of ours has anything to say about. */
const asked = parseIp('240.240.255.255')

/**
 * Asks a server that applications of this machine ask, and says why no agent answered in its place;
 * `undefined` when one did.
 *
 * The agent is the authority for that name and offers recursion as well, and its denials have an SOA
 * with one name in both places.
 */
export async function whyNotCaptured(server: SocketAddress): Promise<string | undefined> {
  const name = parseName(reverseName(asked))
  const question = { name, type: recordType.PTR, class: recordClass.IN }
  try {
    const isOurs = isSaidByAgent(await askServer(server, question))
    return isOurs ? undefined : `${formatSocketAddress(server)} answers itself`
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return causesOf({ cause: error }).join(': ')
  }
}

export async function systemServers(file = '/etc/resolv.conf'): Promise<readonly SocketAddress[]> {
  return parseResolvConf(await readFile(file, 'utf8')).nameservers
}

/** Whether an agent of ours said this about its own address. */
export function isSaidByAgent({
  authoritative,
  recursionAvailable,
  answers,
  authorities,
}: Message): boolean {
  if (!authoritative || !recursionAvailable) return false
  const [denial] = authorities
  if (answers.length > 0 || !denial) return answers.length > 0
  return denial.data.kind === 'SOA' && denial.data.mname === denial.data.rname
}

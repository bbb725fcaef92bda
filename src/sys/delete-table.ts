import { constants } from 'node:os'
import { libc } from './libc.ts'
import {
  attr,
  netfilterMessage,
  netlinkHeaderOctets,
  readU16,
  readU32,
} from './netfilter-message.ts'

// linux/netlink.h, linux/netfilter/nfnetlink.h and nf_tables.h
const flagRequest = 1
const flagAcknowledge = 4
const messageError = 2
const batchBegin = 16
const batchEnd = 17
const subsystemTables = 10
const deleteTableMessage = (subsystemTables << 8) | 2
const tableName = 1
const familyInet = 1
const msgDontwait = 0x40

export type TableDeletion = 'deleted' | 'absent' | 'refused'

/**
 * Deletes the nftables table `inet NAME`, with all rules in it, where the netfilter socket belongs: neither a program nor
 * a move into its namespace is needed, only CAP_NET_ADMIN.
 */
export function deleteTable(netfilterSocket: number, name: string): TableDeletion {
  const { send, recv } = libc()
  const bare = new Uint8Array()
  const edge = { flags: flagRequest, sequence: 0, family: 0, resource: subsystemTables }
  const deletion = {
    type: deleteTableMessage,
    flags: flagRequest | flagAcknowledge,
    sequence: 1,
    family: familyInet,
  }
  const batch = Buffer.concat([
    netfilterMessage({ ...edge, type: batchBegin }, bare),
    netfilterMessage(deletion, attr(tableName, Buffer.from(`${name}\0`))),
    netfilterMessage({ ...edge, type: batchEnd }, bare),
  ])
  if (send(netfilterSocket, batch, batch.length, msgDontwait) < 0) return 'refused'
  // The kernel has answered when `send` returns: with 0, or with an errno below it.
  const answer = Buffer.alloc(4_096)
  const length = recv(netfilterSocket, answer, answer.length, msgDontwait)
  if (length < netlinkHeaderOctets + 4 || readU16(answer, 4) !== messageError) return 'refused'
  const errno = -(readU32(answer, netlinkHeaderOctets) | 0)
  if (errno === 0) return 'deleted'
  return errno === constants.errno.ENOENT ? 'absent' : 'refused'
}

import { status } from '@grpc/grpc-js'
import { type IpAddress, isLoopback } from '../../ip/address.ts'
import { RefusedCallError } from '../../rpc/refused-call.ts'
import { formatSpiffeId } from '../../rpc/spiffe-id.ts'
import { labelFault } from '../label-fault.ts'
import type { WorkloadGroup } from '../mesh-object.ts'
import { isObjectName } from '../object-meta.ts'
import { entryName } from './entry-name.ts'
import type { Registrant } from './registrant.ts'

/** A machine wants to be an entry of a group that is not there. It may try again later. */
export class GroupMissingError extends RefusedCallError {
  override readonly code = 'REGISTER_GROUP_MISSING'
  override readonly status = status.FAILED_PRECONDITION

  constructor({ namespace, group }: Registrant) {
    super(`there is no WorkloadGroup ${quote(group)} in namespace ${quote(namespace)}`, {
      hint: 'Create it (meshdns workload group create), or correct ISTIO_META_AUTO_REGISTER_GROUP on the machine.',
    })
  }
}

/** A machine wants to be an entry of a group that is not for who it is. */
export class GroupForbiddenError extends RefusedCallError {
  override readonly code = 'REGISTER_FORBIDDEN'
  override readonly status = status.PERMISSION_DENIED
}

/** A machine says things of itself that no WorkloadEntry may have. */
export class RegistrantInvalidError extends RefusedCallError {
  override readonly code = 'REGISTER_INVALID'
  override readonly status = status.INVALID_ARGUMENT
}

/** How much of a machine's own words is repeated to it, and to the log. */
const maxQuoted = 120

/** The most labels that a machine may have. */
const maxLabels = 128

/** A machine that may register. */
export type CheckedRegistrant = Registrant & Required<Pick<Registrant, 'address'>>

/**
 * Whether there can be an entry of the machine.
 * @throws {RegistrantInvalidError} when its address, network or labels cannot be those of an entry.
 */
export function checkRegistrant(registrant: Registrant): CheckedRegistrant {
  const { address, network, labels } = registrant
  if (address === undefined || isNowhere(address)) {
    throw new RegistrantInvalidError(
      `${address ?? 'no address'} cannot be the address of a workload`,
      {
        hint: 'Set INSTANCE_IP on the machine to the address that others reach it at.',
      },
    )
  }
  if (!isObjectName(entryName(registrant))) {
    throw new RegistrantInvalidError(
      `group ${quote(registrant.group)}, ${address} and network ${quote(network ?? '')} make no object name`,
      { hint: 'Set ISTIO_META_NETWORK to lower-case letters, digits, "-" and ".".' },
    )
  }
  if (labels.size > maxLabels) {
    throw new RegistrantInvalidError(`${labels.size} labels are too many`, {
      hint: `Give the machine at most ${maxLabels} labels.`,
    })
  }
  for (const [key, value] of labels) {
    if (labelFault(key, value) === undefined) continue
    throw new RegistrantInvalidError(`${quote(key)}: ${quote(value)} is not a label`, {
      hint: 'Correct ISTIO_METAJSON_LABELS on the machine.',
    })
  }
  return { ...registrant, address }
}

/**
 * Whether a machine may be an entry of the group.
 *
 * Somebody without an identity may not, as on the plaintext port; a group without a service account
 * is for `default`.
 * @throws {GroupForbiddenError} when it is not who the group is for.
 */
export function checkIdentity(
  { identity, namespace }: Registrant,
  { meta, template }: WorkloadGroup,
): void {
  const wanted = template.serviceAccount ?? 'default'
  const group = `WorkloadGroup ${meta.namespace}/${meta.name}`
  if (!identity) {
    throw new GroupForbiddenError(`${group} takes nobody who does not show who it is`, {
      hint: 'Connect to port 15012, with the token of workload entry configure or a certificate.',
    })
  }
  const same = identity.namespace === namespace && namespace === meta.namespace
  if (same && identity.serviceAccount === wanted) return
  throw new GroupForbiddenError(
    `${group} is for service account ${wanted}, not for ${formatSpiffeId(identity)}`,
    { hint: 'Configure the machine for its own group: meshdns workload entry configure.' },
  )
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, maxQuoted))
}

/** No address of one machine for others: unspecified, multicast, or that by which each one means itself. */
function isNowhere(address: IpAddress): boolean {
  const first = Number.parseInt(address, 10)
  return (
    isLoopback(address) ||
    address === '::' ||
    address === '0.0.0.0' ||
    address.startsWith('ff') ||
    (address.includes('.') && first >= 224)
  )
}

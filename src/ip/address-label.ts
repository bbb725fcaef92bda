import { familyOf, type IpAddress } from './address.ts'

/** The address as a label of a name; one that would end in a hyphen gets a zero, as kube-dns does. */
export function addressLabel(address: IpAddress): string {
  const label = address.replaceAll(familyOf(address) === 4 ? '.' : ':', '-')
  return label.endsWith('-') ? `${label}0` : label
}

/** A socket's address as the kernel has it: 4 or 16 octets in network order, and the port. */
export interface KernelAddress {
  readonly octets: Uint8Array
  readonly port: number
}

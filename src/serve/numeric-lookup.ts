type Callback = (error: null, address: string, family: number) => void

/**
 * Takes the place of the system's resolver for sockets that are only given addresses.
 *
 * Without it every datagram goes through `dns.lookup` and the next tick of the event loop.
 */
export function numericLookup(address: string, _options: object, callback: Callback): void {
  callback(null, address, address.includes(':') ? 6 : 4)
}

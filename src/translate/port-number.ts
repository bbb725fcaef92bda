/** Whether it can be the number of a TCP or UDP port that something listens on. */
export function isPortNumber(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65_535
}

const portName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i

/** Whether it is a DNS label, as names of ports must be (RFC 1123 §2.1). */
export function isPortName(text: string): boolean {
  return portName.test(text)
}

import type { Registrant } from './registrant.ts'

const maxLength = 253

/**
 * What a machine's entry is called: `GROUP-ADDRESS[-NETWORK]`, its last 253 characters
 * (Istio: auto-registration).
 *
 * Another spelling of the address keeps what Kubernetes does not allow out of the ends.
 */
export function entryName({ group, address, network }: Registrant): string {
  const ip = (address ?? '').replaceAll(':', '-').replace(/-$/, '-0')
  const whole =
    network === undefined || network === '' ? `${group}-${ip}` : `${group}-${ip}-${network}`
  return whole.slice(-maxLength).replace(/^[-.]+/, '')
}

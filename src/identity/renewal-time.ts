import type { Random } from '../base/random.ts'

/**
 * When to renew what counts from one time to another (milliseconds since 1970): at half of it, a tenth earlier or later,
 * so that machines that were set up together do not come together for ever.
 */
export function renewalTime(
  { notBefore, notAfter }: { readonly notBefore: number; readonly notAfter: number },
  random: Random,
): number {
  const share = 0.45 + (0.1 * random()) / 65_536
  return notBefore + (notAfter - notBefore) * share
}

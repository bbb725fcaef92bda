import type { Meters } from '../base/meters.ts'

export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * All meters in Prometheus' text format, as they are at this moment.
 *
 * The numbers are only read here, so that counting them costs nothing; what writes them is loaded when it is first asked for.
 */
export async function renderPrometheus(meters: Meters): Promise<string> {
  const { registryOf } = await import('./register-meters.ts')
  return registryOf(meters).metrics()
}

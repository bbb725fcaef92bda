import { Registry } from 'prom-client'
import type { Meters } from '../base/meters.ts'
import { registerMeters } from './register-meters.ts'

export const prometheusContentType = Registry.PROMETHEUS_CONTENT_TYPE

/**
 * All meters in Prometheus' text format, as they are at this moment.
 *
 * The numbers are only read here, so that counting them costs nothing.
 */
export async function renderPrometheus(meters: Meters): Promise<string> {
  const registry = new Registry()
  registerMeters(registry, meters)
  return registry.metrics()
}

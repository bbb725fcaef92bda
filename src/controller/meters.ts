import type { MeterSpec } from '../base/meters.ts'

export const registeredMachines: MeterSpec = {
  name: 'meshdns_registered_machines',
  kind: 'gauge',
  help: 'WorkloadEntries of machines that registered by connecting.',
}

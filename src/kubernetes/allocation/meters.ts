import type { MeterSpec } from '../../base/meters.ts'

export const statusWrites: MeterSpec = {
  name: 'meshdns_status_writes_total',
  kind: 'counter',
  help: 'Writes of virtual addresses into ServiceEntries, by what came of them.',
  label: 'outcome',
}

export const recordWrites: MeterSpec = {
  name: 'meshdns_address_record_writes_total',
  kind: 'counter',
  help: 'Writes of the ConfigMap that says which virtual addresses are given and which rest.',
}

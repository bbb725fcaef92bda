import type { MeterSpec } from '../base/meters.ts'

export const vipPoolFree: MeterSpec = {
  name: 'meshdns_vip_pool_free',
  kind: 'gauge',
  help: 'Virtual addresses that can be given out now.',
  label: 'family',
}

export const vipPoolHeld: MeterSpec = {
  name: 'meshdns_vip_pool_held',
  kind: 'gauge',
  help: 'Virtual addresses that hosts hold.',
  label: 'family',
}

export const vipPoolResting: MeterSpec = {
  name: 'meshdns_vip_pool_resting',
  kind: 'gauge',
  help: 'Virtual addresses that rest before they are given out again.',
  label: 'family',
}

export const vipHostsWaiting: MeterSpec = {
  name: 'meshdns_vip_hosts_waiting',
  kind: 'gauge',
  help: 'Hosts for which no virtual address was left.',
  label: 'family',
}

export const vipMoved: MeterSpec = {
  name: 'meshdns_vip_moved_total',
  kind: 'counter',
  help: 'Virtual addresses that a host lost to a better claim.',
}

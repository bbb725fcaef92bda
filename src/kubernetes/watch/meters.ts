import type { MeterSpec } from '../../base/meters.ts'

export const objectsHeld: MeterSpec = {
  name: 'meshdns_kubernetes_objects',
  kind: 'gauge',
  help: 'Objects of the cluster that are held.',
  label: 'kind',
}

export const watchEvents: MeterSpec = {
  name: 'meshdns_kubernetes_watch_events_total',
  kind: 'counter',
  help: 'Events of watched objects, without bookmarks.',
  label: 'kind',
}

export const listsRead: MeterSpec = {
  name: 'meshdns_kubernetes_lists_total',
  kind: 'counter',
  help: 'Times that all objects of a kind were listed.',
  label: 'kind',
}

export const watchFailures: MeterSpec = {
  name: 'meshdns_kubernetes_failures_total',
  kind: 'counter',
  help: 'Lists and watches of the cluster that failed.',
  label: 'kind',
}

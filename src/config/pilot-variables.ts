import type { IstioVariable } from './istio-variable.ts'

/** Istio's words for the ranges of virtual addresses, for whoever gives them out. */
export const virtualRangeVariables: readonly IstioVariable[] = [
  {
    name: 'PILOT_IP_AUTOALLOCATE_IPV4_PREFIX',
    path: ['virtualAddresses', 'v4Prefix'],
    kind: 'text',
  },
  {
    name: 'PILOT_IP_AUTOALLOCATE_IPV6_PREFIX',
    path: ['virtualAddresses', 'v6Prefix'],
    kind: 'text',
  },
]

/** Variables that istiod knows, and the option of a controller that means the same here. */
export const pilotVariables: readonly IstioVariable[] = [
  {
    name: 'PILOT_ENABLE_IP_AUTOALLOCATE',
    path: ['virtualAddresses', 'allocate'],
    kind: 'boolean',
  },
  ...virtualRangeVariables,
  {
    name: 'PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION',
    path: ['registration', 'enabled'],
    kind: 'boolean',
  },
  {
    name: 'PILOT_WORKLOAD_ENTRY_GRACE_PERIOD',
    path: ['registration', 'graceMs'],
    kind: 'duration',
  },
  {
    name: 'PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS',
    path: ['registration', 'healthChecks'],
    kind: 'boolean',
  },
  {
    name: 'ISTIO_WORKLOAD_ENTRY_VALIDATE_IDENTITY',
    path: ['registration', 'identityCheck'],
    kind: 'boolean',
  },
  { name: 'PILOT_ENABLE_XDS_IDENTITY_CHECK', path: ['xds', 'identityCheck'], kind: 'boolean' },
  { name: 'PILOT_DEBOUNCE_AFTER', path: ['xds', 'pushQuietMs'], kind: 'duration' },
  { name: 'PILOT_DEBOUNCE_MAX', path: ['xds', 'pushMaxDelayMs'], kind: 'duration' },
  { name: 'POD_NAMESPACE', path: ['kubernetes', 'namespace'], kind: 'text' },
  { name: 'POD_NAME', path: ['kubernetes', 'podName'], kind: 'text' },
  { name: 'REVISION', path: ['kubernetes', 'revision'], kind: 'text' },
  { name: 'CLUSTER_ID', path: ['clusterId'], kind: 'text' },
  { name: 'TRUST_DOMAIN', path: ['identity', 'trustDomain'], kind: 'text' },
]
